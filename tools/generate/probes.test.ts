import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { deploymentSpec } from './operator-deployment.ts';

const root = path.resolve(import.meta.dirname, '../..');
const kinds = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;
type Probe = Readonly<Record<string, unknown>>;

describe('the probes of the operator', () => {
  it('are the same however it is installed, the name of the port aside', () => {
    const template = readFileSync(path.join(root, 'charts/database-operator/templates/deployment.yaml'), 'utf8');
    const spec = deploymentSpec({ image: 'x', args: [], env: [], certificateSecret: 'x' }) as {
      template: { spec: { containers: readonly [Readonly<Record<(typeof kinds)[number], Probe>>] } };
    };
    const [container] = spec.template.spec.containers;
    for (const kind of kinds) {
      const [, block = ''] = new RegExp(`^ {10}${kind}:\\n((?: {12}.*\\n)+)`, 'm').exec(template) ?? [];
      const { httpGet, ...times } = parse(block) as Probe;
      const { httpGet: other, ...otherTimes } = container[kind];
      assert.deepEqual(otherTimes, times, kind);
      assert.deepEqual({ ...(other as object), port: '' }, { ...(httpGet as object), port: '' }, kind);
    }
  });
});
