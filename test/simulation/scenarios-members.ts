/** What befalls databases with several members, while an application writes. */
import assert from 'node:assert/strict';
import * as resources from '../../src/api/resources.ts';
import { assertComplete, podsOf } from './expect.ts';
import { isUp } from './servers.ts';
import type { Server } from './servers.ts';
import type { Scenario } from './scenarios.ts';
import { settle } from './settle.ts';
import type { Simulation } from './simulation.ts';
import { startWriter } from './writer.ts';

const NAME = 'orders';
/** What takes longer to reach a replica than this is lost in async mode when the primary ends. */
const REPLICATION_MS = 1_000;

const serverOf = (s: Simulation, name: string | undefined): Server | undefined =>
  name === undefined ? undefined : s.servers.named(NAME, name);
const primaryOf = (s: Simulation): Server | undefined => serverOf(s, s.database(NAME)?.status?.currentPrimary);
const anyServer = (s: Simulation): Server | undefined => {
  const all = s.servers.of(NAME);
  return s.scheduler.chance(0.7) ? primaryOf(s) : all.length === 0 ? undefined : s.scheduler.pick(all);
};
const removePod = (s: Simulation, server: Server | undefined): void => {
  if (server !== undefined) s.remove(resources.Pod, server.name);
};

type Fault = (s: Simulation) => void;
const faults: Readonly<Record<string, Fault>> = {
  crash: (s) => {
    const server = anyServer(s);
    if (server !== undefined) s.servers.crash(server);
  },
  'pod deleted': (s) => removePod(s, anyServer(s)),
  'pod deleted by force': (s) => {
    const server = anyServer(s);
    if (server === undefined) return;
    s.servers.crash(server);
    s.servers.end(server.uid);
    removePod(s, server);
  },
  'cut off': (s) => {
    const server = anyServer(s);
    if (server !== undefined) s.servers.cut(server, s.scheduler.between(500, 60_000));
  },
  frozen: (s) => {
    const server = anyServer(s);
    if (server !== undefined) s.servers.freeze(server, s.scheduler.between(500, 60_000));
  },
  switchover: (s) => {
    const to = s.scheduler.pick(['any', 'orders-0', 'orders-1', 'orders-2', 'orders-7']);
    s.edit(resources.Database, NAME, { metadata: { annotations: { 'database.example.com/switchover': to } } });
  },
  'operator restarted': (s) => s.restart(),
  restart: (s) =>
    s.edit(resources.Database, NAME, { spec: { config: { maxConnections: s.scheduler.between(20, 300) } } }),
};

/** One primary that takes writes and is recorded; all others follow it and have what it has. */
function assertOneTopology(s: Simulation, replicas: number): void {
  const primary = primaryOf(s);
  const all = s.servers.of(NAME);
  assert.equal(all.filter(isUp).length, replicas, 'all servers run');
  assert.ok(primary !== undefined && primary.writable, 'the recorded primary takes writes');
  assert.deepEqual(
    all.filter(({ writable }) => writable).map(({ name }) => name),
    [primary.name],
  );
  const labelled = podsOf(s, NAME).filter((pod) => pod.metadata.labels?.['role'] === 'primary');
  assert.deepEqual(
    labelled.map(({ metadata }) => metadata.name),
    [primary.name],
    'the Services lead to it',
  );
  for (const server of all.filter((one) => one !== primary)) {
    assert.equal(server.follows, primary.name, `${server.name} follows`);
    assert.deepEqual(server.data.log.length, primary.data.log.length, `${server.name} has everything`);
  }
}

function assertNothingLost(
  s: Simulation,
  confirmed: readonly { readonly id: string; readonly at: number }[],
  trouble: readonly number[],
  sync: boolean,
): void {
  const kept = new Set(primaryOf(s)?.data.log);
  const lost = confirmed.filter(({ id }) => !kept.has(id));
  const unexplained = lost.filter(
    ({ at }) => sync || !trouble.some((when) => at >= when - REPLICATION_MS && at <= when + 60_000),
  );
  assert.deepEqual(unexplained, [], `${String(lost.length)} of ${String(confirmed.length)} confirmed writes are lost`);
}

async function play(s: Simulation, names: readonly string[], rounds: number): Promise<void> {
  const replicas = s.scheduler.between(2, 3);
  const sync = s.scheduler.chance(0.5);
  s.createDatabase(NAME, { replicas, ...(sync && { replication: { mode: 'sync' } }) });
  await s.until('it runs', () => s.database(NAME)?.status?.phase === 'Running', 7200);
  const writer = startWriter(s, NAME, sync);
  const trouble: number[] = [];
  for (let n = 0; n < rounds; n++) {
    await s.moment(20);
    trouble.push(s.scheduler.clock.now());
    faults[s.scheduler.pick(names)]?.(s);
    if (s.scheduler.chance(0.2)) s.restart();
    await s.moment(40);
  }
  s.calm();
  await s.pass(90_000);
  writer.stop();
  await settle(s);
  assertComplete(s, NAME, replicas);
  assertOneTopology(s, replicas);
  assertNothingLost(s, writer.confirmed, trouble, sync);
}

const failover: Scenario = {
  name: 'failover',
  run: (s) => play(s, Object.keys(faults), s.scheduler.between(1, 4)),
};

const switchover: Scenario = {
  name: 'switchover',
  run: (s) => play(s, ['switchover', 'restart', 'operator restarted'], s.scheduler.between(1, 3)),
};

/** Members come and go, and the primary may be one of those that go. */
const resize: Scenario = {
  name: 'members-come-and-go',
  async run(s) {
    let replicas = s.scheduler.between(1, 3);
    s.createDatabase(NAME, { replicas });
    await s.until('it runs', () => s.database(NAME)?.status?.phase === 'Running', 7200);
    const writer = startWriter(s, NAME, false);
    const trouble: number[] = [];
    for (let n = 0; n < 3; n++) {
      await s.moment(40);
      if (s.scheduler.chance(0.4)) faults['switchover']?.(s);
      if (s.scheduler.chance(0.3)) {
        trouble.push(s.scheduler.clock.now());
        faults['crash']?.(s);
      }
      replicas = s.scheduler.between(1, 3);
      s.edit(resources.Database, NAME, { spec: { replicas } });
      await s.moment(60);
    }
    s.calm();
    await s.pass(90_000);
    writer.stop();
    await settle(s);
    assertComplete(s, NAME, replicas);
    assertOneTopology(s, replicas);
    assertNothingLost(s, writer.confirmed, trouble, false);
  },
};

export const members: readonly Scenario[] = [failover, switchover, resize];
