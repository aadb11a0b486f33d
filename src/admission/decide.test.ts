import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import { decide } from './decide.ts';
import type { DecideContext, Decision } from './decide.ts';
import { complete } from './defaults.ts';
import { noFacts } from './facts.ts';
import { database } from './rules/examples.ts';
import { requestFor } from './testing.ts';

const now = new Date('2026-11-20T12:00:00Z');

const context: DecideContext = { now, facts: noFacts };

const fieldsOf = (decision: Decision): readonly string[] =>
  decision.refusal?.details?.causes?.map(({ field }) => field) ?? [];

const stored = (spec: Record<string, unknown> = {}): KubernetesObject => complete('Database', database(spec)).object;

describe('decide on CREATE', () => {
  it('v1-create-allow: completes and allows', () => {
    const decision = decide(requestFor(database({ engine: undefined })), context);
    assert.ok(decision.allowed);
    assert.ok(decision.defaulted.includes('spec.engine'));
    assert.match(decision.warnings.join(), /spec.engine: postgresql was inferred from version 17/);
  });

  it('tells everything that is wrong at once, in field order', () => {
    const object = database(
      { engine: 'postgres', replicas: 99, storage: { size: '10K' }, backup: { enabled: true, schedule: '0 25 * * *' } },
      'shop-primary',
    );
    const decision = decide(requestFor(object), context);
    assert.deepEqual(fieldsOf(decision), [
      'metadata.name',
      'spec.backup.schedule',
      'spec.engine',
      'spec.replicas',
      'spec.storage.size',
    ]);
    assert.equal(decision.refusal?.code, 422);
    assert.equal(decision.refusal.reason, 'Invalid');
  });

  it('says a thing once where schema and rule both see it, in the words with the remedy', () => {
    const { refusal } = decide(requestFor(database({ engine: 'postgres' })), context);
    assert.deepEqual(refusal?.details?.causes, [
      {
        reason: 'FieldValueNotSupported',
        field: 'spec.engine',
        message:
          'Unsupported value: "postgres": supported values: "postgresql", "mysql", "mariadb", "mongodb", "redis"; did you mean "postgresql"?',
      },
    ]);
  });

  it('reports a value of a wrong type once, and hides it from the rules', () => {
    const decision = decide(requestFor(database({ version: 16, backup: 'daily', engine: undefined })), context);
    assert.deepEqual(fieldsOf(decision), ['spec.backup', 'spec.version']);
    assert.ok(decision.findings.every(({ rule }) => rule === 'SCHEMA'));
  });

  it('generate-name: the message names the prefix', () => {
    const object = { ...database({ replicas: 99 }), metadata: { generateName: 'web-' } } as unknown as KubernetesObject;
    const { refusal } = decide(requestFor(object, undefined, { name: '' }), context);
    assert.match(refusal?.message ?? '', /^Database.example.com "web-\*" is invalid: spec.replicas: /);
  });

  it('gives the same verdict on both routes', () => {
    for (const object of [database(), database({ replicas: 0 }), database({ engine: 'mongodb', version: '8.0' })]) {
      const [mutate, validate] = (['mutate', 'validate'] as const).map((mode) =>
        decide(requestFor(object), { ...context, mode }),
      );
      assert.deepEqual(mutate, validate);
    }
  });

  it('dry-run-no-side-effects: a dry run is decided alike', () => {
    const object = database({ replicas: 0 });
    assert.deepEqual(
      decide(requestFor(object, undefined, { dryRun: true }), context),
      decide(requestFor(object), context),
    );
  });

  it('leaves other groups, CONNECT, status and unknown subresources alone', () => {
    const bad = database({ replicas: 99 });
    for (const request of [
      requestFor(bad, undefined, { resource: { group: 'apps', version: 'v1', resource: 'deployments' } }),
      requestFor(bad, undefined, { operation: 'CONNECT' }),
      requestFor(bad, bad, { subResource: 'status' }),
      requestFor(bad, bad, { subResource: 'exec' }),
    ]) {
      assert.deepEqual(decide(request, context), {
        allowed: true,
        findings: [],
        warnings: [],
        patch: [],
        defaulted: [],
      });
    }
  });
});

describe('decide on UPDATE', () => {
  it('v1-update-deny-causes: what has become wrong is refused', () => {
    const decision = decide(requestFor(database({ storage: { size: '5Gi' } }), stored()), context);
    assert.deepEqual(fieldsOf(decision), ['spec.storage.size']);
  });

  const invalidSpec = { replicas: 99, engine: 'postgres' };

  it('stored-invalid-finalizer-removal: metadata may change whatever the spec says', () => {
    const old = { ...database(invalidSpec), metadata: { name: 'orders', finalizers: ['x'] } } as KubernetesObject;
    const labelled = { ...old, metadata: { name: 'orders', labels: { a: 'b' } } } as KubernetesObject;
    assert.deepEqual(decide(requestFor(labelled, old), context).refusal, undefined);
    assert.deepEqual(decide(requestFor(labelled, old), context).patch, [], 'and the spec is left alone');
  });

  it('an object on its way out may change in any way', () => {
    const metadata = { name: 'orders', deletionTimestamp: '2026-11-20T11:00:00Z' };
    const leaving = { ...database({ replicas: 77 }), metadata } as KubernetesObject;
    assert.ok(decide(requestFor(leaving, database(invalidSpec)), context).allowed);
  });

  it('an old fault does not block who leaves its field alone, but is told', () => {
    const old = database({ replicas: 99 });
    const decision = decide(requestFor(database({ replicas: 99, deletionProtection: true }), old), context);
    assert.ok(decision.allowed);
    assert.match(decision.warnings.join(), /spec.replicas: stored before and not refused now: Invalid value: 99/);
  });

  it('an old fault blocks who touches its field', () => {
    const decision = decide(requestFor(database({ replicas: 98 }), database({ replicas: 99 })), context);
    assert.deepEqual(fieldsOf(decision), ['spec.replicas']);
  });

  it('an old fault hides no new one', () => {
    const decision = decide(
      requestFor(database({ replicas: 99, version: '17.99' }), database({ replicas: 99 })),
      context,
    );
    assert.deepEqual(fieldsOf(decision), ['spec.version']);
  });

  it('upgrade: an object stored without defaults is edited freely', () => {
    const old = database({ storage: undefined });
    const decision = decide(requestFor(database({ storage: undefined, deletionProtection: true }), old), context);
    assert.ok(decision.allowed);
    assert.ok(decision.defaulted.includes('spec.storage.size'));
  });

  it('an old object that is garbage is no obstacle', () => {
    const garbage = { ...database(), spec: 'x' } as unknown as KubernetesObject;
    assert.ok(decide(requestFor(database(), garbage), context).allowed);
  });
});
