import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import { decide } from './decide.ts';
import type { DecideContext, Decision } from './decide.ts';
import { complete } from './defaults.ts';
import { noFacts } from './facts.ts';
import type { AdmissionRequest } from './review.ts';
import { cluster, database, inNamespace } from './rules/examples.ts';
import { deletionOf, requestFor } from './testing.ts';

const now = new Date('2026-11-20T12:00:00Z');

const context: DecideContext = { now, facts: noFacts };

const fieldsOf = (decision: Decision): readonly string[] =>
  decision.refusal?.details?.causes?.map(({ field }) => field) ?? [];

const stored = (spec: Record<string, unknown> = {}): KubernetesObject => complete('Database', database(spec)).object;

const user = (username: string): Partial<AdmissionRequest> => ({ userInfo: { username, groups: [] } });

describe('decide on scale', () => {
  const scale = (replicas: unknown): KubernetesObject => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'orders' },
    spec: { replicas },
  });
  const request = (replicas: unknown): AdmissionRequest =>
    requestFor(scale(replicas), scale(1), {
      resource: { group: 'example.com', version: 'v1', resource: 'databases' },
      subResource: 'scale',
      namespace: 'shop',
      name: 'orders',
    });
  const sync = stored({ replicas: 2, replication: { mode: 'sync' } });

  it('scale-subresource: the range comes from the Scale, the rest from the store', () => {
    const facts = cluster([sync]);
    assert.ok(decide(request(3), { now, facts }).allowed);
    assert.deepEqual(fieldsOf(decide(request(99), { now, facts })), ['spec.replicas']);
    assert.deepEqual(fieldsOf(decide(request(1), { now, facts })), ['spec.replication.mode']);
  });

  it('never patches a Scale', () => {
    const facts = cluster([database({ engine: undefined })]);
    assert.deepEqual(decide(request(3), { now, facts }).patch, []);
  });

  it('what is not in the store is checked for its range, and says so', () => {
    const good = decide(request(3), context);
    assert.ok(good.allowed);
    assert.match(good.warnings.join(), /not checked/);
    assert.deepEqual(fieldsOf(decide(request(0), context)), ['spec.replicas']);
  });

  it('a number of a wrong type is no number', () => {
    assert.deepEqual(fieldsOf(decide(request('three'), context)), ['spec.replicas']);
  });
});

describe('decide on DELETE', () => {
  const protectedObject = database({ deletionProtection: true });

  it('delete-oldobject: protection refuses and says how to lift it', () => {
    const { refusal, patch } = decide(deletionOf(protectedObject), context);
    assert.match(refusal?.message ?? '', /kubectl patch database orders -n shop --type merge/);
    assert.deepEqual(patch, []);
  });

  it('takes the name from the old object when a collection is deleted', () => {
    const { refusal } = decide(deletionOf(protectedObject, { name: '' }), context);
    assert.equal(refusal?.details?.name, 'orders');
  });

  for (const name of [
    'system:serviceaccount:kube-system:namespace-controller',
    'system:serviceaccount:kube-system:generic-garbage-collector',
    'system:kube-controller-manager',
  ]) {
    it(`namespace-controller-delete: ${name} passes`, () => {
      assert.ok(decide(deletionOf(protectedObject, user(name)), context).allowed);
    });
  }

  it('a name that only looks like one of them does not', () => {
    const name = 'system:serviceaccount:shop:namespace-controller';
    assert.ok(!decide(deletionOf(protectedObject, user(name)), context).allowed);
  });
});

describe('decide on DELETE of a CustomResourceDefinition', () => {
  const request = (name: string): AdmissionRequest =>
    deletionOf(
      { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name } },
      {
        resource: { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' },
        name,
      },
    );

  it('refuses while objects exist, and names some', () => {
    const facts = cluster([database(), inNamespace(database(), 'other')]);
    const { refusal } = decide(request('databases.example.com'), { now, facts });
    assert.match(refusal?.message ?? '', /2 databases exist \(shop\/orders, other\/orders\)/);
  });

  it('lets go what is empty, what is not ours, and what nobody knows (with a warning)', () => {
    const facts = cluster([database()]);
    assert.ok(decide(request('redisclusters.example.com'), { now, facts }).allowed);
    assert.ok(decide(request('databases.other.org'), { now, facts }).allowed);
    const unknown = decide(request('databases.example.com'), context);
    assert.ok(unknown.allowed);
    assert.match(unknown.warnings.join(), /not checked/);
  });
});
