import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../api/object.ts';
import { Secret, Service, StatefulSet } from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { createApplier } from '../../kubernetes/applier.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { ApiError, isConflict } from '../../kubernetes/errors.ts';
import type { Step } from '../../planning/step.ts';
import { fakeClock } from '../../../test/simulation/fake-clock.ts';
import { nothingStuck } from '../../status/stuck.ts';
import type { Monitor } from '../members/monitor.ts';
import { act, StepFailed } from './act.ts';
import type { Decision, Observation } from './observation.ts';

const stored: Database = {
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: {
    name: 'orders',
    namespace: 'shop',
    uid: 'u1',
    resourceVersion: '5',
    finalizers: ['a', 'database.example.com/finalizer'],
  },
  spec: { deletionPolicy: 'Delete' },
};
const observation = (children: Observation['children'] = []): Observation => ({
  stored,
  children,
  pods: [],
  claims: [],
  jobs: [],
  backupPods: [],
  recovery: undefined,
  reports: new Map(),
  volumes: new Map(),
  namespaceEnding: false,
  serviceMonitors: true,
  prometheusRules: true,
  stuck: nothingStuck,
});

type Answers = Partial<
  Record<'get' | 'create' | 'apply' | 'jsonPatch' | 'mergePatch' | 'delete', (...args: never[]) => unknown>
>;

/** A client that writes down what it is asked; answers may be given, and thrown. */
function recorder(answers: Answers = {}) {
  const calls: [string, ...unknown[]][] = [];
  const call =
    (verb: keyof Answers) =>
    (...args: never[]): Promise<unknown> => {
      calls.push([verb, ...args]);
      return Promise.resolve().then(() => answers[verb]?.(...args) ?? stored);
    };
  const verbs = ['get', 'create', 'apply', 'jsonPatch', 'mergePatch', 'delete'] as const;
  const client = Object.fromEntries(verbs.map((verb) => [verb, call(verb)])) as unknown as KubernetesClient;
  const events: string[] = [];
  const deps = {
    client,
    applier: createApplier({ client, clock: fakeClock() }),
    clock: fakeClock(),
    engineByName: () => undefined,
    monitor: {} as Monitor,
    events: { record: ({ reason }: { reason: string }) => void events.push(reason), flush: () => Promise.resolve() },
  };
  const run = (decision: Partial<Decision>, seen = observation()): Promise<void> =>
    act({ steps: [], events: [], ...decision }, seen, deps, new AbortController().signal);
  return { calls, events, run, verbs: () => calls.map(([verb]) => verb) };
}
const status =
  (code: number, reason: string): (() => never) =>
  () => {
    throw new ApiError('the server quotes s3cret', { code, reason });
  };
const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'orders', namespace: 'shop' },
  spec: { ports: [] },
};
const applyStep: Step = {
  action: 'apply',
  ref: { resource: Service, namespace: 'shop', name: 'orders' },
  object: service,
  impact: 'none',
  why: '',
};
const deleteStep: Step = {
  action: 'delete',
  ref: { resource: Secret, namespace: 'shop', name: 'x' },
  uid: 'u9',
  impact: 'data-loss',
  why: '',
};

describe('act', () => {
  it('records the primary, then takes the steps, then writes the status, then tells Events', async () => {
    const { run, verbs, events } = recorder();
    await run({
      record: { currentPrimary: 'orders-0' },
      steps: [applyStep],
      status: { phase: 'Creating' },
      events: [{ type: 'Normal', reason: 'R', note: '' }],
    });
    assert.deepEqual(verbs(), ['mergePatch', 'apply', 'mergePatch']);
    assert.deepEqual(events, ['R']);
  });

  it('guards the status by the resourceVersion it was decided on, and writes only what differs', async () => {
    const { run, calls } = recorder();
    await run({ status: { phase: 'Creating' } });
    assert.deepEqual(calls[0]?.slice(2), [
      { metadata: { resourceVersion: '5', uid: 'u1' }, status: { phase: 'Creating' } },
      { subresource: 'status' },
    ]);
    const again = recorder();
    await again.run({ status: {} });
    assert.deepEqual(again.calls, []);
  });

  it('stops at the first failure and writes no status that claims more', async () => {
    const { run, verbs, events } = recorder({ apply: status(403, 'Forbidden') });
    await assert.rejects(
      run({
        steps: [applyStep, deleteStep],
        status: { phase: 'Running' },
        events: [{ type: 'Normal', reason: 'R', note: '' }],
      }),
      StepFailed,
    );
    assert.deepEqual([verbs(), events], [['apply'], []]);
  });

  it('does not force what did not exist a moment ago', async () => {
    const fresh = recorder();
    await fresh.run({ steps: [applyStep] });
    assert.deepEqual(fresh.calls[0]?.[3], { force: false });
    const known = recorder();
    await known.run({ steps: [applyStep] }, observation([{ resource: Service, object: service }]));
    assert.deepEqual(known.calls[0]?.[3], { force: true });
  });

  it('writes the spec over when the server refuses to merge it, but only on objects that exist', async () => {
    let tries = 0;
    const apply = (): KubernetesObject => (tries++ === 0 ? status(422, 'Invalid')() : service);
    const known = recorder({ apply });
    await known.run({ steps: [applyStep] }, observation([{ resource: Service, object: service }]));
    assert.deepEqual(known.verbs(), ['apply', 'jsonPatch', 'apply']);
    const fresh = recorder({ apply: status(422, 'Invalid') });
    await assert.rejects(fresh.run({ steps: [applyStep] }), /apply Service orders: Invalid/);
  });

  it('deletes data only after asking the server for consent', async () => {
    const consenting = { ...stored, metadata: { ...stored.metadata, deletionTimestamp: 'x' } };
    const { run, calls } = recorder({ get: () => consenting });
    await run({ steps: [deleteStep] });
    assert.deepEqual(
      calls.map(([verb]) => verb),
      ['get', 'delete'],
    );
    assert.deepEqual(calls[1]?.[2], { uid: 'u9' });
  });

  const refusals: [string, Database][] = [
    ['is no longer being deleted', stored],
    ['is another one', { ...stored, metadata: { ...stored.metadata, uid: 'u2', deletionTimestamp: 'x' } }],
    [
      'has another policy now',
      { ...stored, metadata: { ...stored.metadata, deletionTimestamp: 'x' }, spec: { deletionPolicy: 'Retain' } },
    ],
  ];
  for (const [title, live] of refusals) {
    it(`deletes nothing when the Database ${title}`, async () => {
      const { run, verbs } = recorder({ get: () => live });
      await assert.rejects(
        run({ steps: [deleteStep] }),
        (error: unknown) => error instanceof StepFailed && isConflict(error.cause),
      );
      assert.deepEqual(verbs(), ['get']);
    });
  }

  it('takes what is already gone for deleted', async () => {
    const step: Step = {
      action: 'delete',
      ref: { resource: StatefulSet, namespace: 'shop', name: 'x' },
      uid: 'u',
      impact: 'none',
      why: '',
    };
    await recorder({ delete: status(404, 'NotFound') }).run({ steps: [step] });
  });

  it('never overwrites: an object that exists already is a conflict', async () => {
    const step: Step = {
      action: 'create',
      ref: { resource: Secret, namespace: 'shop', name: 'x' },
      object: service,
      impact: 'none',
      why: '',
    };
    const { run } = recorder({ create: status(409, 'AlreadyExists') });
    await assert.rejects(
      run({ steps: [step] }),
      (error: unknown) => error instanceof StepFailed && isConflict(error.cause),
    );
  });

  it('repeats nothing that the server says of a Secret', async () => {
    const step: Step = {
      action: 'create',
      ref: { resource: Secret, namespace: 'shop', name: 'x' },
      object: service,
      impact: 'none',
      why: '',
    };
    await assert.rejects(
      recorder({ create: status(422, 'Invalid') }).run({ steps: [step] }),
      (error: unknown) => error instanceof Error && !error.message.includes('s3cret'),
    );
  });

  it('takes off its own finalizer at its place and nothing else', async () => {
    const { run, calls } = recorder();
    await run({ finalizer: 'remove' });
    assert.deepEqual(calls[0]?.[2], [
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/metadata/finalizers/1', value: 'database.example.com/finalizer' },
      { op: 'remove', path: '/metadata/finalizers/1' },
    ]);
  });

  it('keeps the finalizer when something before it fails', async () => {
    const { run, verbs } = recorder({ apply: status(500, 'InternalError') });
    await assert.rejects(run({ steps: [applyStep], finalizer: 'remove' }));
    assert.deepEqual(verbs(), ['apply']);
  });

  it('ends although it may not touch PersistentVolumes', async () => {
    const { run, verbs } = recorder({ mergePatch: status(403, 'Forbidden') });
    await run({ keepVolumes: ['pv'], finalizer: 'remove' });
    assert.deepEqual(verbs(), ['mergePatch', 'jsonPatch']);
  });
});
