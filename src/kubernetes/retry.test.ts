import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { configMap } from '../../test/support/scripted-client.ts';
import type { ObjectRef } from '../api/object.ts';
import { ConfigMap } from '../api/resources.ts';
import type { KubernetesClient } from './client.ts';
import { ApiError } from './errors.ts';
import { fence, isFenced } from './fence.ts';
import { withRetries } from './retry.ts';

const ref: ObjectRef = { resource: ConfigMap, namespace: 'ns', name: 'a' };
const busy = (retryAfterSeconds?: number): ApiError =>
  new ApiError('busy', { code: 429, reason: 'TooManyRequests', retryAfterSeconds });
const lost = new ApiError('socket hang up', { code: 0, reason: 'Unreachable' });
const calls: Record<string, (client: KubernetesClient) => Promise<unknown>> = {
  get: (client) => client.get(ref),
  list: (client) => client.listPage(ConfigMap, {}),
  apply: (client) => client.apply(ConfigMap, configMap('a', '1'), { force: true }),
  'delete by uid': (client) => client.delete(ref, { uid: 'u' }),
  create: (client) => client.create(ConfigMap, configMap('a', '1')),
  'delete by name': (client) => client.delete(ref),
  jsonPatch: (client) => client.jsonPatch(ref, []),
  mergePatch: (client) => client.mergePatch(ref, {}),
};
const repeatable = ['get', 'list', 'apply', 'delete by uid'];

/** Fails with each of `failures` in turn, then answers. */
function failing(failures: readonly Error[]) {
  const left = [...failures];
  let attempts = 0;
  const answer = (): Promise<never> => {
    attempts += 1;
    const failure = left.shift();
    return failure === undefined ? Promise.resolve(configMap('a', '1') as never) : Promise.reject(failure);
  };
  const client: KubernetesClient = {
    get: answer,
    listPage: answer,
    create: answer,
    apply: answer,
    jsonPatch: answer,
    mergePatch: answer,
    delete: answer,
    watch: () => {
      throw new Error('not here');
    },
  };
  return { client, attempts: () => attempts };
}

function retrying(failures: readonly Error[], options: { signal?: AbortSignal } = {}) {
  const clock = fakeClock();
  const { client, attempts } = failing(failures);
  return { clock, attempts, client: withRetries(client, { clock, random: () => 0, ...options }) };
}

describe('retries', () => {
  for (const [name, call] of Object.entries(calls)) {
    it(`send ${name} again after a 429, no sooner than Retry-After`, async () => {
      const { clock, client, attempts } = retrying([busy(3)]);
      const done = call(client);
      await clock.advance(2999);
      assert.equal(attempts(), 1);
      await clock.advance(1);
      await done;
      assert.equal(attempts(), 2);
    });

    it(`${repeatable.includes(name) ? 'send' : 'do not send'} ${name} again when the answer was lost`, async () => {
      const { clock, client, attempts } = retrying([lost]);
      const outcome = call(client).then(
        () => 'done',
        () => 'failed',
      );
      await clock.advance(10_000);
      assert.equal(await outcome, repeatable.includes(name) ? 'done' : 'failed');
      assert.equal(attempts(), repeatable.includes(name) ? 2 : 1);
    });
  }

  it('give up after four attempts with the last error', async () => {
    const { clock, client, attempts } = retrying(Array.from({ length: 9 }, () => busy(1)));
    const outcome = assert.rejects(
      client.get(ref),
      (error: unknown) => error instanceof ApiError && error.code === 429,
    );
    await clock.advance(60_000);
    await outcome;
    assert.equal(attempts(), 4);
  });

  it('leave a long Retry-After to the caller', async () => {
    const { client, attempts } = retrying([busy(600)]);
    await assert.rejects(client.get(ref), /busy/);
    assert.equal(attempts(), 1);
  });

  for (const code of [400, 403, 404, 409, 410, 422, 500]) {
    it(`do not repeat what was answered with ${code}`, async () => {
      const { client, attempts } = retrying([new ApiError('no', { code, reason: 'x' })]);
      await assert.rejects(client.apply(ConfigMap, configMap('a', '1'), { force: true }), /no/);
      assert.equal(attempts(), 1);
    });
  }

  it('stop waiting at shutdown', async () => {
    const controller = new AbortController();
    const { clock, client, attempts } = retrying([busy(20), busy(20)], { signal: controller.signal });
    const outcome = assert.rejects(client.get(ref), /busy/);
    await clock.advance(0);
    controller.abort();
    await outcome;
    assert.equal(attempts(), 1);
  });

  it('are fenced too: a leader that is none any more does not send its second attempt', async () => {
    const clock = fakeClock();
    let leader = true;
    const { client, attempts } = failing([busy(5)]);
    const fenced = withRetries(fence(client, { isLeader: () => leader }), { clock, random: () => 0 });
    const outcome = assert.rejects(fenced.create(ConfigMap, configMap('a', '1')), isFenced);
    await clock.advance(1000);
    leader = false;
    await clock.advance(10_000);
    await outcome;
    assert.equal(attempts(), 1);
  });
});

describe('fence', () => {
  for (const [name, call] of Object.entries(calls)) {
    const reads = name === 'get' || name === 'list';
    it(`${reads ? 'lets everybody' : 'lets nobody but the leader'} ${name}`, async () => {
      const { client, attempts } = failing([]);
      await call(fence(client, { isLeader: () => true }));
      const follower = call(fence(client, { isLeader: () => false }));
      await (reads ? follower : assert.rejects(follower, isFenced));
      assert.equal(attempts(), reads ? 2 : 1);
    });
  }
});
