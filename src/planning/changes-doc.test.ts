/** The tables of docs/changes.md say what the planner does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { completeDatabase } from '../admission/defaults.ts';
import type { Database, DatabaseSpec } from '../api/types.generated.ts';
import { postgresql } from '../engines/postgresql/index.ts';
import { planChange, worstOf } from './change.ts';
import { withField } from './differences.ts';

const text = readFileSync(new URL('../../docs/changes.md', import.meta.url), 'utf8');
const rows = [...text.matchAll(/^\| `spec\.([\w.]+): (.+)` +\| (\w+) +\| (\w+) +\|$/gm)].map(
  ([, path = '', value = '', one = '', three = '']) => ({ path, value, one, three }),
);

const database = (spec: DatabaseSpec): Database =>
  completeDatabase({ apiVersion: 'example.com/v1', kind: 'Database', metadata: { name: 'orders' }, spec });

function priceOf(path: string, value: unknown, replicas: number): string {
  const before = database({ engine: 'postgresql', version: '17.2', storage: { size: '10Gi' }, replicas });
  const after = database(withField(before.spec, path.split('.'), value));
  const steps = planChange({ before, after, engine: postgresql });
  const worst = worstOf(steps);
  if (worst === 'none') return 'nothing';
  return worst;
}

describe('docs/changes.md', () => {
  it('has a table', () => assert.ok(rows.length > 20));

  for (const { path, value, one, three } of rows) {
    it(`is right about spec.${path}: ${value}`, () => {
      assert.deepEqual([priceOf(path, parse(value), 1), priceOf(path, parse(value), 3)], [one, three]);
    });
  }
});
