import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { KubernetesObject } from '../api/object.ts';
import { decide, recheck } from './decide.ts';
import type { DecideContext } from './decide.ts';
import { complete } from './defaults.ts';
import { noFacts } from './facts.ts';
import { invalid } from './field.ts';
import type { Rule } from './rule.ts';
import {
  database,
  databaseUser,
  multiTenantDatabase,
  redisCluster,
  writes,
  cluster,
  databaseMonitor,
  namespace,
  secret,
} from './rules/examples.ts';
import { deletionOf, requestFor } from './testing.ts';

const now = new Date('2026-11-20T12:00:00Z');

const context: DecideContext = { now, facts: noFacts };

const stored = (spec: Record<string, unknown> = {}): KubernetesObject => complete('Database', database(spec)).object;

describe('a rule that throws', () => {
  const rule = (id: string, check: Rule['check']): Rule => ({
    id,
    title: 'x',
    kind: 'Database',
    on: writes,
    why: '',
    remedy: '',
    since: '0.1.0',
    severity: 'deny',
    check,
    accepted: [],
    refused: [],
  });
  const broken = rule('DB998', () => {
    throw new Error('secret-of-the-object');
  });
  const other = rule('DB999', () => [invalid('spec.replicas', 1, 'x')]);

  it('rule-throws: is answered 500, counted, and stops no other', () => {
    const panics: string[] = [];
    const decision = decide(requestFor(database()), {
      ...context,
      rules: [broken, other],
      onPanic: (id) => panics.push(id),
    });
    assert.deepEqual(panics, ['DB998']);
    assert.equal(decision.allowed, false);
    assert.equal(decision.refusal?.code, 500);
    assert.match(decision.refusal.message, /rule DB998 failed/);
    assert.doesNotMatch(JSON.stringify(decision), /secret-of-the-object/);
    assert.deepEqual(
      decision.findings.map(({ rule: id }) => id),
      ['DB999'],
    );
  });

  it('facts that throw are contained too', () => {
    const facts = {
      ...noFacts,
      get: () => {
        throw new Error('no store');
      },
    };
    const request = requestFor(database(), database(), { subResource: 'scale', name: 'orders' });
    assert.equal(decide(request, { now, facts }).refusal?.code, 500);
  });
});

describe('recheck', () => {
  it('finds nothing wrong with what admission let in', () => {
    assert.deepEqual(recheck(stored(), context), []);
    assert.deepEqual(recheck(databaseUser(), context), []);
    assert.deepEqual(recheck(redisCluster(), context), []);
  });

  it('finds what slipped in, with field and rule', () => {
    const findings = recheck(database({ replicas: 99, storage: { size: '1Mi' } }), context);
    assert.deepEqual(
      findings.map(({ field, rule }) => `${rule} ${field}`),
      ['DB030 spec.replicas', 'DB040 spec.storage.size'],
    );
  });

  it('is not moved by other objects or Secrets that come and go', () => {
    const watched = database({ monitoring: { enabled: true }, tls: { certificateSecret: 'orders-tls' } });
    const facts = cluster([databaseMonitor(), secret('orders-tls', [])]);
    assert.ok(!decide(requestFor(watched), { now, facts }).allowed);
    assert.deepEqual(recheck(watched, { now, facts }), []);
  });

  it('but is by a namespace that takes its consent back', () => {
    const user = databaseUser({ databaseRef: { name: 'orders', namespace: 'data' } });
    const findings = recheck(user, { now, facts: cluster([namespace('data')]) });
    assert.deepEqual(
      findings.map(({ rule }) => rule),
      ['DU004'],
    );
  });

  it('completes first: what the webhook would have filled in is not missing', () => {
    assert.deepEqual(recheck(database({ engine: undefined, storage: undefined }), context), []);
  });
});

describe('objects as large as the API server lets through', () => {
  const many = <T>(make: (index: number) => T): T[] => Array.from({ length: 60_000 }, (_, index) => make(index));
  const large: readonly KubernetesObject[] = [
    databaseUser({ privileges: [{ grant: many((index) => `SELEC${index}`) }] }),
    databaseUser({ privileges: many((index) => ({ preset: `readonl${index}` })) }),
    multiTenantDatabase({ tenants: many((index) => ({ name: `t${index}` })) }),
    database({ config: { parameters: Object.fromEntries(many((index) => [`work_mem_${index}`, 'x'])) } }),
    database({ podTemplate: { labels: Object.fromEntries(many((index) => [`a/b/${index}`, 'x y'])) } }),
    database({ version: '1'.repeat(2_000_000), image: 'a/'.repeat(1_000_000), databaseName: '"'.repeat(500_000) }),
    database({ backup: { schedule: '*/5,'.repeat(400_000), timeZone: 'Europe/'.repeat(100_000) } }),
  ];

  it('are refused without keeping others waiting', () => {
    for (const object of large) {
      // Of this process, so that a machine with other work does not fail it.
      const start = process.cpuUsage();
      const { refusal } = decide(requestFor(object), context);
      const { user, system } = process.cpuUsage(start);
      const took = (user + system) / 1000;
      assert.equal(refusal?.code, 422);
      assert.ok(JSON.stringify(refusal).length < 20_000, 'and without echoing them');
      assert.ok(took < 250, `${Object.keys(object['spec'] as object).join()} took ${took.toFixed(0)} ms of CPU`);
    }
  });
});

describe('any object at all', () => {
  const kinds = [
    'Database',
    'DatabaseUser',
    'DatabaseBackup',
    'DatabaseMonitor',
    'MultiTenantDatabase',
    'RedisCluster',
  ];
  const scalar = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('14', '10Gi', '@daily'),
  );
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      scalar,
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
    ),
  })).node;
  const names =
    'engine type version image replicas storage size databaseName username backup monitoring config resources podTemplate networkPolicy tls bootstrap maintenanceWindow databaseRef privileges passwordSecret rotation expiresAfter secretNamespaces schedule timeZone retention destination verify scrapeInterval thresholds tenants nodes replicasPerNode'.split(
      ' ',
    );
  const spec = fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof(
      value,
      fc.dictionary(
        fc.constantFrom(
          'size',
          'name',
          's3',
          'pvc',
          'schedule',
          'parameters',
          'limits',
          'labels',
          'affinity',
          'env',
          'recovery',
          'clients',
        ),
        value,
      ),
    ),
  );

  it('is answered, and never with a fault of ours', () => {
    const property = fc.property(
      fc.constantFrom(...kinds),
      spec,
      fc.option(spec, { nil: undefined }),
      (kind, written, old) => {
        const panics: unknown[] = [];
        const make = (of: unknown): KubernetesObject =>
          JSON.parse(
            JSON.stringify({ apiVersion: 'example.com/v1', kind, metadata: { name: 'x' }, spec: of }),
          ) as KubernetesObject;
        const request = requestFor(make(written), old && make(old));
        decide(request, { ...context, onPanic: (id, error) => panics.push(id, error) });
        decide(deletionOf(make(written)), { ...context, onPanic: (id, error) => panics.push(id, error) });
        assert.deepEqual(panics, []);
      },
    );
    fc.assert(property, { numRuns: 400 });
  });
});
