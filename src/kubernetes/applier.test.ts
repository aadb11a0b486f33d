import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import type { KubernetesObject } from '../api/object.ts';
import { ConfigMap, StatefulSet } from '../api/resources.ts';
import { canonical, createApplier } from './applier.ts';
import type { Applier } from './applier.ts';
import { ApiError } from './errors.ts';

const intent = (labels: Record<string, string> = { app: 'db' }): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'ns', labels },
  spec: { replicas: 1 },
});

/** A server that knows one object. */
function setup(options: { ttlMilliseconds?: number; maxEntries?: number } = {}) {
  const clock = fakeClock();
  const applied: KubernetesObject[] = [];
  let answer: KubernetesObject | Error = intent();
  const applier: Applier = createApplier({
    clock,
    ...options,
    client: {
      apply: (_, object) => {
        applied.push(object);
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
  });
  return { clock, applied, applier, answers: (next: KubernetesObject | Error) => void (answer = next) };
}

const live = (meta: Record<string, unknown> = {}, status: unknown = {}): KubernetesObject => ({
  ...intent(),
  metadata: { ...intent().metadata, uid: 'u1', generation: 4, resourceVersion: '10', ...meta },
  status,
});

describe('applier', () => {
  it('applies once, then says nothing while only the status changes', async () => {
    const { applied, applier, answers } = setup();
    answers(live());
    assert.equal((await applier.apply(StatefulSet, intent(), undefined)).outcome, 'applied');
    for (const version of ['11', '12', '13']) {
      const current = live({ resourceVersion: version }, { readyReplicas: Number(version) });
      assert.equal(applier.upToDate(StatefulSet, intent(), current), true);
      assert.equal((await applier.apply(StatefulSet, intent(), current)).outcome, 'skipped');
    }
    assert.equal(applied.length, 1);
  });

  const drifts: Record<string, KubernetesObject> = {
    'the spec (generation)': live({ generation: 5, resourceVersion: '11' }),
    'a label': live({ labels: { app: 'other' }, resourceVersion: '11' }),
    'an annotation': live({ annotations: { extra: 'x' }, resourceVersion: '11' }),
    'the owner': live({ ownerReferences: [], finalizers: ['x'], resourceVersion: '11' }),
    'the object itself (another uid)': live({ uid: 'u2' }),
  };
  for (const [what, current] of Object.entries(drifts)) {
    it(`applies again when somebody changed ${what}`, async () => {
      const { applied, applier, answers } = setup();
      answers(live());
      await applier.apply(StatefulSet, intent(), undefined);
      assert.equal(applier.upToDate(StatefulSet, intent(), current), false);
      await applier.apply(StatefulSet, intent(), current);
      assert.equal(applied.length, 2);
    });
  }

  it('puts right the same metadata drift every time it comes back', async () => {
    const { applied, applier, answers } = setup();
    answers(live({ resourceVersion: '11' }));
    await applier.apply(StatefulSet, intent(), live({ labels: {}, resourceVersion: '10' }));
    await applier.apply(StatefulSet, intent(), live({ labels: {}, resourceVersion: '12' }));
    assert.equal(applied.length, 2);
  });

  it('does not apply again because the store has not caught up with its own apply', async () => {
    const { applied, applier, answers, clock } = setup();
    const before = (version: string): KubernetesObject => live({ generation: 3, resourceVersion: version });
    answers(live());
    await applier.apply(StatefulSet, intent(), before('7'));
    await applier.apply(StatefulSet, intent(), before('7'));
    await applier.apply(StatefulSet, intent(), before('9'));
    assert.equal(applied.length, 1);
    // But not for ever: versions start lower after a restore of etcd.
    await clock.advance(60_000);
    await applier.apply(StatefulSet, intent(), before('9'));
    assert.equal(applied.length, 2);
  });

  it('does not take a namesake with a lower version for a store that lags', async () => {
    const { applied, applier, answers } = setup();
    answers(live());
    await applier.apply(StatefulSet, intent(), undefined);
    await applier.apply(StatefulSet, intent(), live({ uid: 'u2', generation: 1, resourceVersion: '9' }));
    assert.equal(applied.length, 2);
  });

  it('counts every version of a kind without generation', async () => {
    const { applied, applier, answers } = setup();
    const map = (version: string): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'db', namespace: 'ns', uid: 'u', resourceVersion: version },
    });
    answers(map('5'));
    await applier.apply(ConfigMap, map(''), undefined);
    await applier.apply(ConfigMap, map(''), map('5'));
    await applier.apply(ConfigMap, map(''), map('6'));
    assert.equal(applied.length, 2);
  });

  it('sees through what a store strips', async () => {
    const { applied, applier, answers } = setup();
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    answers(live({ annotations, managedFields: [{}] }));
    await applier.apply(StatefulSet, intent(), undefined);
    await applier.apply(StatefulSet, intent(), live());
    assert.equal(applied.length, 1);
  });

  it('applies a changed intent, a forced one after an unforced, and again after a failure', async () => {
    const { applied, applier, answers } = setup();
    answers(live());
    await applier.apply(StatefulSet, intent(), live());
    await applier.apply(StatefulSet, intent({ app: 'db', more: 'x' }), live());
    await applier.apply(StatefulSet, intent({ app: 'db', more: 'x' }), live(), { force: false });
    assert.equal(applied.length, 3);
    answers(new ApiError('no', { code: 500, reason: 'InternalError' }));
    await assert.rejects(applier.apply(StatefulSet, intent(), live()), ApiError);
    answers(live());
    await applier.apply(StatefulSet, intent(), live());
    assert.equal(applied.length, 5);
  });

  it('forgets on request, after the time to live, and the oldest beyond its bound', async () => {
    const { applied, applier, answers, clock } = setup({ ttlMilliseconds: 1000, maxEntries: 1 });
    answers(live());
    await applier.apply(StatefulSet, intent(), live());
    applier.forget(StatefulSet, 'ns', 'db');
    await applier.apply(StatefulSet, intent(), live());
    await clock.advance(1001);
    await applier.apply(StatefulSet, intent(), live());
    assert.equal(applied.length, 3);
    await applier.apply(ConfigMap, intent(), live());
    await applier.apply(StatefulSet, intent(), live());
    assert.equal(applied.length, 5);
  });

  it('does not forget a namesake whose name goes on', async () => {
    const { applied, applier, answers } = setup();
    answers(live());
    await applier.apply(StatefulSet, intent(), live());
    applier.forget(StatefulSet, 'ns', 'd');
    await applier.apply(StatefulSet, intent(), live());
    assert.equal(applied.length, 1);
  });

  it('takes intents for equal whatever the order of their keys', () => {
    assert.equal(canonical({ b: [1, { d: 1, c: undefined }], a: 'é' }), canonical({ a: 'é', b: [1, { d: 1 }] }));
    assert.notEqual(canonical({ a: ['1'] }), canonical({ a: [1] }));
  });
});
