import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { defaultCertDir } from '../../src/config.ts';
import { flags } from '../../src/flags.ts';
import { ownKinds } from '../../src/api/resources.ts';
import { names, plainManifests } from './plain-manifests.ts';
import { configurations, viaService, webhooks } from './webhook-configurations.ts';

const folder = path.resolve(import.meta.dirname, '../../webhook-config');

interface Parsed {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly webhooks?: readonly Readonly<Record<string, unknown>>[];
}

const objects = plainManifests().flatMap(([, text]) => parseAllDocuments(text).map((one) => one.toJS() as Parsed));
const configured = objects.filter(({ kind }) => kind.endsWith('WebhookConfiguration'));

describe('webhook-config', () => {
  it('has one setting for all webhooks, and no caBundle', () => {
    assert.equal(configured.length, 2);
    for (const webhook of configured.flatMap((one) => one.webhooks ?? [])) {
      const { admissionReviewVersions, sideEffects, timeoutSeconds, failurePolicy, matchPolicy } = webhook;
      assert.deepEqual(
        { admissionReviewVersions, sideEffects, timeoutSeconds, failurePolicy, matchPolicy },
        {
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          timeoutSeconds: 5,
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
        },
      );
      assert.equal(webhook['namespaceSelector'], undefined);
      assert.ok(!JSON.stringify(webhook).includes('caBundle'));
    }
  });

  it('matches only our group, and of everybody’s definitions only ours', () => {
    for (const { rules, matchConditions } of webhooks) {
      for (const { apiGroups } of rules) {
        if (apiGroups[0] === 'example.com') continue;
        assert.deepEqual(apiGroups, ['apiextensions.k8s.io']);
        const [{ expression } = { expression: '' }] = matchConditions;
        for (const { plural } of ownKinds) assert.ok(expression.includes(`'${plural}.example.com'`), plural);
      }
    }
    for (const { plural } of ownKinds) {
      for (const type of ['Mutating', 'Validating'] as const) {
        const matched = webhooks.filter((one) => one.type === type).flatMap(({ rules }) => rules);
        assert.ok(
          matched.some(({ resources }) => resources.includes(plural)),
          `${type} ${plural}`,
        );
      }
    }
  });

  it('is what the flags of serve expect by default', () => {
    const byDefault = (name: string): string | undefined => flags.find((flag) => flag.name === name)?.default;
    assert.ok(configured.every(({ metadata }) => metadata.name === byDefault('webhook-configuration')));
    assert.equal(byDefault('webhook-host'), `${names.service}.${names.namespace}.svc`);
    assert.ok(defaultCertDir.startsWith('/etc/'));
    const certificate = objects.find((one) => one.kind === 'Certificate' && one.spec?.['isCA'] === undefined);
    assert.ok((certificate?.spec?.['dnsNames'] as string[]).includes(byDefault('webhook-host') ?? ''));
  });

  it('is listed in full by its kustomizations', () => {
    const filesOf = (directory: string): readonly string[] =>
      readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== 'kustomization.yaml')
        .map(({ name }) => name)
        .sort();
    for (const directory of [folder, path.join(folder, 'cert-manager'), path.join(folder, 'operator')]) {
      const { resources } = parse(readFileSync(path.join(directory, 'kustomization.yaml'), 'utf8')) as {
        resources: string[];
      };
      assert.deepEqual(resources.filter((name) => name.endsWith('.yaml')).sort(), filesOf(directory));
    }
  });

  it('leaves the guard of definitions out where the operator can’t see every namespace', () => {
    const [, validating] = configurations({
      name: 'x',
      clientConfig: viaService('ns', 'svc'),
      clusterWide: false,
    });
    const left = (validating['webhooks'] as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(left, ['validate.database.example.com']);
  });
});
