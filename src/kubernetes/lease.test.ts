import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import type { FakeClock } from '../../test/simulation/fake-clock.ts';
import type { KubernetesObject } from '../api/object.ts';
import { ApiError } from './errors.ts';
import { startElection } from './lease.ts';
import type { Election, ElectionOptions } from './lease.ts';

type Client = ElectionOptions['client'];
type Spec = Record<string, unknown>;

/** One Lease with versions, as the API server keeps it. */
function leaseServer() {
  let stored: { version: number; spec: Spec } | undefined;
  const conflict = new ApiError('the object has been modified', { code: 409, reason: 'Conflict' });
  const exists = new ApiError('already exists', { code: 409, reason: 'AlreadyExists' });
  const show = (): KubernetesObject => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'operator', namespace: 'ns', resourceVersion: String(stored?.version) },
    spec: { ...stored?.spec },
  });
  const requests: string[] = [];
  const client: Client = {
    get: () => {
      requests.push('get');
      return Promise.resolve(stored === undefined ? undefined : show());
    },
    create: (_, object) => {
      requests.push('create');
      if (stored !== undefined) return Promise.reject(exists);
      stored = { version: 1, spec: object['spec'] as Spec };
      return Promise.resolve(show());
    },
    mergePatch: (_, patch) => {
      requests.push('patch');
      const { metadata, spec } = patch as { metadata: { resourceVersion: string }; spec: Spec };
      if (stored === undefined || metadata.resourceVersion !== String(stored.version)) return Promise.reject(conflict);
      const merged = Object.entries({ ...stored.spec, ...spec }).filter(([, value]) => value !== null);
      stored = { version: stored.version + 1, spec: Object.fromEntries(merged) };
      return Promise.resolve(show());
    },
  };
  return { client, requests, spec: () => stored?.spec };
}

function elect(clock: FakeClock, client: Client, identity: string, random = () => 0, place?: string) {
  const log: string[] = [];
  const election = startElection({
    client,
    clock,
    random,
    namespace: 'ns',
    name: 'operator',
    identity,
    ...(place !== undefined && { place }),
    onStarted: () => log.push('started'),
    onStopped: () => log.push('stopped'),
    onError: (error) => log.push(String(error)),
  });
  return { election, log };
}

const never = (): Promise<never> => new Promise(() => undefined);
const unreachable = (): Promise<never> => Promise.reject(new ApiError('no route', { code: 0, reason: 'Unreachable' }));

/** The server as one process sees it, with a switch in between. */
function cable(client: Client) {
  const state: { mode: 'up' | 'down' | 'silent' } = { mode: 'up' };
  const through = <T>(call: () => Promise<T>): Promise<T> =>
    state.mode === 'up' ? call() : state.mode === 'down' ? unreachable() : never();
  const cabled: Client = {
    get: (...call) => through(() => client.get(...call)),
    create: (...call) => through(() => client.create(...call)),
    mergePatch: (...call) => through(() => client.mergePatch(...call)),
  };
  return { client: cabled, state };
}

describe('leader election', () => {
  it('creates the Lease with microsecond times and leads', async () => {
    const clock = fakeClock();
    const { client, spec } = leaseServer();
    const { election, log } = elect(clock, client, 'one');
    await clock.advance(0);
    assert.deepEqual([election.isLeader(), log, election.holder], [true, ['started'], 'one']);
    assert.equal(spec()?.['leaseDurationSeconds'], 15);
    for (const field of ['acquireTime', 'renewTime']) assert.match(String(spec()?.[field]), /T00:00:00\.\d{6}Z$/);
    await election.stop();
  });

  it('renews every two seconds with one request and keeps acquireTime', async () => {
    const clock = fakeClock();
    const { client, spec, requests } = leaseServer();
    const { election } = elect(clock, client, 'one');
    await clock.advance(0);
    const acquired = spec()?.['acquireTime'];
    requests.length = 0;
    await clock.advance(60_000);
    assert.deepEqual([...new Set(requests)], ['patch']);
    assert.equal(requests.length, 30);
    assert.equal(spec()?.['acquireTime'], acquired);
    assert.notEqual(spec()?.['renewTime'], acquired);
    assert.equal(election.isLeader(), true);
    await election.stop();
  });

  it('waits for a leader that is silent for fifteen seconds by its own observation', async () => {
    const clock = fakeClock();
    const { client, spec } = leaseServer();
    const wire = cable(client);
    const first = elect(clock, wire.client, 'one');
    await clock.advance(0);
    const second = elect(clock, client, 'two');
    await clock.advance(60_000);
    assert.equal(second.election.isLeader(), false);
    wire.state.mode = 'down';
    await clock.advance(14_000);
    assert.equal(second.election.isLeader(), false);
    assert.deepEqual(
      [first.election.isLeader(), first.log.filter((line) => !line.startsWith('ApiError'))],
      [false, ['started', 'stopped']],
    );
    await clock.advance(5000);
    assert.equal(second.election.isLeader(), true);
    assert.equal(spec()?.['leaseTransitions'], 1);
    await Promise.all([first.election.stop(), second.election.stop()]);
  });

  it('takes the Lease of an earlier process of its own container at once, and nobody else’s', async () => {
    const clock = fakeClock();
    const { client, spec } = leaseServer();
    const wire = cable(client);
    const former = elect(clock, wire.client, 'pod-a_uid-1_x');
    await clock.advance(0);
    wire.state.mode = 'silent';
    const others = ['pod-a_uid-2_y', 'pod-a_uid-10_y'].map((identity) =>
      elect(clock, client, identity, () => 0, identity.slice(0, -1)),
    );
    const next = elect(clock, client, 'pod-a_uid-1_z', () => 0, 'pod-a_uid-1_');
    await clock.advance(100);
    assert.deepEqual(
      [next, ...others].map(({ election }) => election.isLeader()),
      [true, false, false],
    );
    assert.equal(spec()?.['holderIdentity'], 'pod-a_uid-1_z');
    wire.state.mode = 'down';
    await clock.advance(20_000);
    await Promise.all([former, next, ...others].map(({ election }) => election.stop()));
  });

  it('does not believe the times in a Lease: a holder whose clock is far behind is left alone while it renews', async () => {
    const clock = fakeClock();
    const { client } = leaseServer();
    const behind = fakeClock(Date.UTC(2020, 0, 1));
    const first = elect(behind, client, 'one');
    await behind.advance(0);
    const second = elect(clock, client, 'two');
    for (let second_ = 0; second_ < 60; second_ += 1) {
      await behind.advance(1000);
      await clock.advance(1000);
    }
    assert.deepEqual([first.election.isLeader(), second.election.isLeader()], [true, false]);
    await Promise.all([first.election.stop(), second.election.stop()]);
  });

  for (const mode of ['down', 'silent'] as const) {
    it(`stops leading ten seconds after the last renewal when the server is ${mode}, and leads again later`, async () => {
      const clock = fakeClock();
      const wire = cable(leaseServer().client);
      const { election, log } = elect(clock, wire.client, 'one');
      await clock.advance(0);
      wire.state.mode = mode;
      await clock.advance(9999);
      assert.equal(election.isLeader(), true);
      await clock.advance(1);
      assert.equal(election.isLeader(), false);
      assert.equal(log.filter((line) => line === 'stopped').length, 1);
      wire.state.mode = 'up';
      await clock.advance(10_000);
      assert.equal(election.isLeader(), true);
      await election.stop();
    });
  }

  it('knows after being frozen that it leads no more, before any timer has run', async () => {
    let now = 0;
    const timers: (() => void)[] = [];
    const frozen = {
      now: () => now,
      after: (_: number, callback: () => void) => {
        timers.push(callback);
        return () => undefined;
      },
    };
    const { election } = elect(frozen as FakeClock, leaseServer().client, 'one');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(election.isLeader(), true);
    now = 20_000;
    assert.equal(election.isLeader(), false);
  });

  it('gives the Lease back on stop, so that the next leads within its next try', async () => {
    const clock = fakeClock();
    const { client, spec } = leaseServer();
    const first = elect(clock, client, 'one');
    await clock.advance(0);
    const second = elect(clock, client, 'two');
    await clock.advance(0);
    await first.election.stop();
    assert.deepEqual(first.log, ['started', 'stopped']);
    assert.equal(first.election.isLeader(), false);
    assert.equal('holderIdentity' in spec()!, false);
    await clock.advance(2000);
    assert.equal(second.election.isLeader(), true);
    await second.election.stop();
  });

  it('leaves another’s Lease alone when a follower stops', async () => {
    const clock = fakeClock();
    const { client, spec } = leaseServer();
    const first = elect(clock, client, 'one');
    await clock.advance(0);
    const second = elect(clock, client, 'two');
    await clock.advance(0);
    await second.election.stop();
    assert.equal(spec()?.['holderIdentity'], 'one');
    assert.deepEqual(second.log, []);
    await first.election.stop();
  });

  it('yields at once when somebody else has taken the Lease', async () => {
    const clock = fakeClock();
    const server = leaseServer();
    const { election, log } = elect(clock, server.client, 'one');
    await clock.advance(0);
    const current = await server.client.get({} as never);
    await server.client.mergePatch({} as never, {
      metadata: { resourceVersion: current?.metadata.resourceVersion },
      spec: { holderIdentity: 'thief' },
    });
    await clock.advance(4000);
    assert.deepEqual([election.isLeader(), log], [false, ['started', 'stopped']]);
    await election.stop();
  });

  it('never has two leaders, whatever the network does', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ who: fc.nat(2), mode: fc.constantFrom('up', 'down', 'silent'), wait: fc.nat(9000) } as const),
          {
            maxLength: 25,
          },
        ),
        fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 3, maxLength: 3 }),
        async (faults, jitter) => {
          const clock = fakeClock();
          const { client } = leaseServer();
          const wires = jitter.map(() => cable(client));
          const elections: Election[] = wires.map(
            (wire, index) => elect(clock, wire.client, `id-${index}`, () => jitter[index] ?? 0).election,
          );
          for (const { who, mode, wait } of faults) {
            wires[who]!.state.mode = mode;
            await clock.advance(wait);
            assert.ok(elections.filter((election) => election.isLeader()).length <= 1);
          }
          for (const wire of wires) wire.state.mode = 'up';
          await clock.advance(40_000);
          assert.equal(elections.filter((election) => election.isLeader()).length, 1);
        },
      ),
      { numRuns: 40 },
    ));
});
