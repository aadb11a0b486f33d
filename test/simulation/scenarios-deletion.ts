/** Databases that are deleted, under each policy, and those that come after them. */
import assert from 'node:assert/strict';
import * as resources from '../../src/api/resources.ts';
import { assertComplete, childrenOf, claimsOf, eventReasons, passwordIn } from './expect.ts';
import type { Scenario } from './scenarios.ts';
import { settle } from './settle.ts';
import { NAMESPACE } from './simulation.ts';
import type { Simulation } from './simulation.ts';

const gone =
  (s: Simulation, name = 'orders') =>
  (): boolean =>
    s.database(name) === undefined;

/** Sometimes after it runs, sometimes in the middle of its making. */
async function live(s: Simulation, spec: Readonly<Record<string, unknown>>): Promise<boolean> {
  s.createDatabase('orders', spec);
  if (s.scheduler.chance(0.5)) await s.moment(20);
  else await s.until('it runs', () => s.database('orders')?.status?.phase === 'Running', 7200);
  return s.database('orders')?.status?.phase === 'Running';
}

const retain: Scenario = {
  name: 'delete-retain',
  async run(s) {
    const replicas = s.scheduler.between(1, 2);
    const ran = await live(s, { replicas, backup: { enabled: true } });
    const password = passwordIn(s, 'orders-secret');
    s.remove(resources.Database, 'orders');
    await s.until('the finalizer ends', gone(s));
    if (s.scheduler.chance(0.5)) await s.moment(60);
    s.createDatabase('orders', { replicas, backup: { enabled: true } });
    await settle(s);
    assertComplete(s, 'orders', replicas);
    if (ran) assert.equal(passwordIn(s, 'orders-secret'), password, 'the password is the old one');
  },
};

const remove: Scenario = {
  name: 'delete-delete',
  async run(s) {
    await live(s, { replicas: s.scheduler.between(1, 3), deletionPolicy: 'Delete', backup: { enabled: true } });
    s.remove(resources.Database, 'orders');
    await settle(s, { done: gone(s) });
    assert.deepEqual(childrenOf(s, 'orders'), []);
  },
};

const snapshot: Scenario = {
  name: 'delete-snapshot',
  async run(s) {
    s.cluster.jobs = s.scheduler.pick(['succeed', 'succeed', 'fail', 'hang']);
    const backs = s.scheduler.chance(0.8);
    const ran = await live(s, { replicas: 2, deletionPolicy: 'Snapshot', ...(backs && { backup: { enabled: true } }) });
    s.remove(resources.Database, 'orders');
    // A last backup that hangs is given up after six hours.
    if (s.cluster.jobs === 'hang') await s.pass(6 * 3_600_000);
    await settle(s, {
      done: () => gone(s)() && childrenOf(s, 'orders').every((child) => /^(Secret|PersistentVolumeClaim)/.test(child)),
    });
    const left = claimsOf(s, 'orders')
      .map(({ metadata }) => metadata.name)
      .sort();
    if (ran && backs && s.cluster.jobs === 'succeed')
      assert.deepEqual(left, ['orders-backup-pvc'], 'the backup stays, the data goes');
    if (ran && (!backs || s.cluster.jobs !== 'succeed')) {
      assert.ok(left.includes('data-orders-0') && left.includes('data-orders-1'), 'without a backup the volumes stay');
      // An Event is a courtesy: the log has what could not be recorded, unless the operator died at that moment.
      const told = [
        ...eventReasons(s),
        ...s.logs.flatMap((line) => /^event (\w+) was not recorded$/.exec(line)?.[1] ?? []),
      ];
      const isTold = told.some((reason) => ['FinalBackupFailed', 'SnapshotNotPossible'].includes(reason));
      assert.ok(isTold || s.crashes > 0, 'the reason why the volumes stay is told');
    }
  },
};

const changeOfMind: Scenario = {
  name: 'change-of-policy',
  async run(s) {
    await live(s, { deletionPolicy: 'Delete', backup: { enabled: true } });
    await s.until('volumes exist', () => claimsOf(s, 'orders').length === 2);
    await s.until('it runs', () => s.database('orders')?.status?.phase === 'Running', 7200);
    s.edit(resources.Database, 'orders', { spec: { deletionPolicy: 'Retain' } });
    if (s.scheduler.chance(0.5)) await s.moment(20);
    s.remove(resources.Database, 'orders');
    await settle(s, { done: () => gone(s)() && childrenOf(s, 'orders').length === 4 });
    assert.deepEqual(childrenOf(s, 'orders'), [
      'PersistentVolumeClaim/data-orders-0',
      'PersistentVolumeClaim/orders-backup-pvc',
      'Secret/orders-internal',
      'Secret/orders-secret',
    ]);
  },
};

const namespace: Scenario = {
  name: 'delete-namespace',
  async run(s) {
    const deletionPolicy = s.scheduler.pick(['Retain', 'Snapshot', 'Delete']);
    const ran = await live(s, { deletionPolicy, backup: { enabled: true } });
    // An operator that is away while a namespace goes can keep nothing: this is about one that is there.
    s.calm();
    await s.until('the operator is back', () => s.alive, 60);
    await s.pass(60_000);
    const disks = [...s.cluster.disks].filter(([, disk]) => disk.data !== undefined).map(([volume]) => volume);
    s.world.update({ resource: resources.Namespace, name: NAMESPACE }, 'person', (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        deletionTimestamp: new Date(s.scheduler.clock.now()).toISOString(),
        finalizers: ['kubernetes'],
      },
    }));
    await settle(s, { done: () => s.world.find({ resource: resources.Namespace, name: NAMESPACE }) === undefined });
    const kept = s.world.list(resources.PersistentVolume).map(({ metadata }) => metadata.name);
    if (ran && deletionPolicy !== 'Delete')
      for (const volume of disks) assert.ok(kept.includes(volume), `${volume} is kept`);
    assert.equal(s.database('orders'), undefined);
  },
};

export const deletions: readonly Scenario[] = [retain, remove, snapshot, changeOfMind, namespace];
