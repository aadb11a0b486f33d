import assert from 'node:assert/strict';
import type { KubernetesObject, ObjectRef } from '../../api/object.ts';
import type { Database, DatabaseSpec } from '../../api/types.generated.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import type { Stuck } from '../../status/stuck.ts';
import { createPatience, lookAtStuck } from './stuck.ts';
import type { Servers } from './stuck.ts';

const priority: DatabaseSpec = { podTemplate: { priorityClassName: 'no-such-class' } };
const certificate: DatabaseSpec = { tls: { certificateSecret: 'no-such-secret' } };

const named = (kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, uid: `uid-${name}` },
  ...more,
});
const set = (observedGeneration = 2): KubernetesObject => ({
  ...named('StatefulSet', 'orders', { spec: { replicas: 2 }, status: { observedGeneration } }),
  metadata: { name: 'orders', generation: 2 },
});
const up = (name: string): KubernetesObject =>
  named('Pod', name, { status: { containerStatuses: [{ state: { running: {} } }] } });
const creating = (name: string): KubernetesObject =>
  named('Pod', name, { status: { containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] } });
const pulling = (name: string): KubernetesObject =>
  named('Pod', name, { status: { containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] } });

interface Situation {
  readonly spec?: DatabaseSpec;
  readonly servers: Servers;
  /** Seconds that it has been so, in a pass each second. */
  readonly seconds: number;
  readonly answer?: 'there' | 'missing' | Error;
  readonly confined?: boolean;
  readonly metadata?: object;
}

/** What the last pass found, and the objects that were asked for in it. */
async function look({ spec = {}, servers, seconds, answer = 'missing', confined = false, metadata = {} }: Situation) {
  let asked: string[] = [];
  const patience = createPatience();
  const stored = { ...named('Database', 'orders'), spec } as Database;
  let found: Stuck | undefined;
  for (let second = 0; second <= seconds; second++) {
    asked = [];
    const client = {
      get: (ref: ObjectRef, options?: { metadataOnly?: boolean }) => {
        assert.equal(options?.metadataOnly, true, 'the contents are nobody’s business');
        asked.push(`${ref.resource.kind} ${ref.namespace ?? '-'}/${ref.name}`);
        if (answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(answer === 'there' ? named(ref.resource.kind, ref.name) : undefined);
      },
    };
    found = await lookAtStuck(
      { ...stored, metadata: { name: 'orders', namespace: 'shop', ...metadata } },
      servers,
      {
        client,
        patience,
        clock: { now: () => second * 1000 },
        caches: { store: () => (confined ? undefined : ({} as never)) },
      },
      new AbortController().signal,
    );
  }
  return { found, asked };
}

const absent: Servers = { statefulSet: set(), pods: [up('orders-0')] };
const waiting: Servers = { statefulSet: set(), pods: [up('orders-0'), creating('orders-1')] };
const healthy: Servers = { statefulSet: set(), pods: [up('orders-0'), up('orders-1')] };

interface Row {
  readonly what: string;
  readonly situation: Situation;
  readonly asked?: readonly string[];
  readonly missing?: readonly string[];
  readonly unmade?: readonly string[];
  readonly unasked?: readonly string[];
  readonly again?: number;
}
const askedForClass = ['PriorityClass -/no-such-class'];
const askedForSecret = ['Secret shop/no-such-secret'];

const rows: readonly Row[] = [
  {
    what: 'nothing is asked while all is well',
    situation: { spec: { ...priority, ...certificate }, servers: healthy, seconds: 90 },
  },
  {
    what: 'nothing is asked of an ordinary start',
    situation: { spec: certificate, servers: waiting, seconds: 9 },
    again: 10,
  },
  {
    what: 'a Secret that is not there',
    situation: { spec: certificate, servers: waiting, seconds: 10 },
    asked: askedForSecret,
    missing: ['spec.tls.certificateSecret orders-1'],
    again: 10,
  },
  {
    what: 'a Secret that is there: it is something else',
    situation: { spec: certificate, servers: waiting, seconds: 100, answer: 'there' },
    asked: askedForSecret,
    again: 10,
  },
  {
    what: 'a pod that waits for its image is not asked about',
    situation: { spec: certificate, servers: { ...waiting, pods: [up('orders-0'), pulling('orders-1')] }, seconds: 90 },
  },
  { what: 'a pod that waits and needs nothing', situation: { servers: waiting, seconds: 90 } },
  {
    what: 'a PriorityClass that is not there',
    situation: { spec: priority, servers: absent, seconds: 90 },
    asked: askedForClass,
    missing: ['spec.podTemplate.priorityClassName orders-1'],
    again: 10,
  },
  {
    what: 'a PriorityClass that is there, and a pod that is not made for another reason',
    situation: { spec: priority, servers: absent, seconds: 60, answer: 'there' },
    asked: askedForClass,
    unmade: ['orders-1'],
    again: 10,
  },
  {
    what: 'a right that is missing is no finding of its own',
    situation: {
      spec: priority,
      servers: absent,
      seconds: 20,
      answer: new ApiError('no', { code: 403, reason: 'Forbidden' }),
    },
    asked: askedForClass,
    again: 10,
  },
  {
    what: 'a PriorityClass that may not be looked up is told as such',
    situation: { spec: priority, servers: absent, seconds: 60, confined: true },
    unmade: ['orders-1'],
    unasked: ['no-such-class'],
    again: 10,
  },
  { what: 'a pod that is late', situation: { servers: absent, seconds: 45 }, again: 15 },
  { what: 'a pod that is not made', situation: { servers: absent, seconds: 60 }, unmade: ['orders-1'] },
  {
    what: 'a StatefulSet that its controller has not seen',
    situation: { spec: priority, servers: { ...absent, statefulSet: set(1) }, seconds: 90 },
  },
  { what: 'no StatefulSet', situation: { spec: priority, servers: { pods: [], statefulSet: undefined }, seconds: 90 } },
  {
    what: 'a Database on its way out',
    situation: {
      spec: priority,
      servers: absent,
      seconds: 90,
      metadata: { deletionTimestamp: '2026-01-05T12:00:00Z' },
    },
  },
];

describe('what pods wait for', () => {
  for (const { what, situation, asked = [], missing = [], unmade = [], unasked = [], again } of rows) {
    it(what, async () => {
      const { found, asked: questions } = await look(situation);
      assert.deepEqual(questions, asked);
      assert.deepEqual(
        found?.missing.map(({ need, pods }) => `${need.field} ${pods.join()}`),
        missing,
      );
      assert.deepEqual(found.unmade, unmade);
      assert.deepEqual(
        found.unasked.map(({ name }) => name),
        unasked,
      );
      assert.equal(found.lookAgainSeconds, again);
    });
  }

  it('is counted anew for a pod that came and went', () => {
    const patience = createPatience();
    patience.since('shop/orders', ['no orders-1', 'no orders-2'], 1);
    assert.deepEqual([...patience.since('shop/orders', ['no orders-2'], 2)], [['no orders-2', 1]]);
    assert.deepEqual(
      [...patience.since('shop/orders', ['no orders-1', 'no orders-2'], 3)],
      [
        ['no orders-1', 3],
        ['no orders-2', 1],
      ],
    );
    patience.since('shop/orders', [], 4);
    assert.deepEqual([...patience.since('shop/orders', ['no orders-2'], 5)], [['no orders-2', 5]]);
    assert.deepEqual([...patience.since('shop/others', ['no orders-2'], 6)], [['no orders-2', 6]]);
  });
});
