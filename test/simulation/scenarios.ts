/** What happens to Databases. Every wait is of a length that the seed decides, so actions fall into every state. */
import assert from 'node:assert/strict';
import * as resources from '../../src/api/resources.ts';
import { assertComplete, claimsOf, passwordIn, podsOf } from './expect.ts';
import { clusters, needs } from './scenarios-cluster.ts';
import { deletions } from './scenarios-deletion.ts';
import { members } from './scenarios-members.ts';
import { trouble } from './scenarios-trouble.ts';
import { settle } from './settle.ts';
import type { Simulation } from './simulation.ts';

export interface Scenario {
  readonly name: string;
  run(simulation: Simulation): Promise<void>;
}

const create: Scenario = {
  name: 'create',
  async run(s) {
    const replicas = s.scheduler.between(1, 3);
    s.createDatabase('orders', { replicas });
    await settle(s);
    assertComplete(s, 'orders', replicas);
  },
};

const several: Scenario = {
  name: 'several',
  async run(s) {
    for (const name of ['a', 'b', 'c', 'd']) {
      s.createDatabase(name, { replicas: s.scheduler.between(1, 2) });
      await s.moment(5);
    }
    s.createDatabase('bad', { replicas: 99, storage: { size: '1Ki' } });
    await settle(s, {
      done: () =>
        ['a', 'b', 'c', 'd'].every((name) => s.database(name)?.status?.phase === 'Running') &&
        s.database('bad')?.status?.phase === 'Failed',
    });
    for (const name of ['a', 'b', 'c', 'd']) assertComplete(s, name, s.database(name)?.spec.replicas ?? 1);
    assert.equal(s.find(resources.StatefulSet, 'bad'), undefined, 'nothing is made of an invalid Database');
  },
};

const configuration: Scenario = {
  name: 'configuration',
  async run(s) {
    const replicas = s.scheduler.between(1, 3);
    s.createDatabase('orders', { replicas });
    await s.moment(60);
    const changes = [
      { config: { maxConnections: s.scheduler.between(20, 300) } },
      { config: { parameters: { work_mem: '8MB' } } },
      { podTemplate: { labels: { team: 'shop' } } },
      { resources: { requests: { memory: '1024Mi', cpu: '0.5' }, limits: { memory: '1024Mi' } } },
      { monitoring: { enabled: true } },
      { networkPolicy: { enabled: false } },
      { backup: { enabled: true, schedule: '0 3 * * *' } },
    ];
    for (let n = s.scheduler.between(1, 5); n > 0; n--) {
      s.edit(resources.Database, 'orders', { spec: s.scheduler.pick(changes) });
      await s.moment(120);
    }
    await settle(s);
    assertCompleteWithoutPolicy(s, replicas);
  },
};

function assertCompleteWithoutPolicy(s: Simulation, replicas: number): void {
  const isOff = s.database('orders')?.spec.networkPolicy?.enabled === false;
  assert.equal(
    s.find(resources.NetworkPolicy, 'orders') === undefined,
    isOff,
    'a NetworkPolicy exists unless it is off',
  );
  if (!isOff) assertComplete(s, 'orders', replicas);
}

const scale: Scenario = {
  name: 'scale',
  async run(s) {
    let replicas = s.scheduler.between(1, 3);
    s.createDatabase('orders', { replicas });
    for (let n = 0; n < 3; n++) {
      await s.moment(120);
      replicas = s.scheduler.between(1, 4);
      s.edit(resources.Database, 'orders', { spec: { replicas } });
    }
    await settle(s);
    assertComplete(s, 'orders', replicas);
    assert.ok(claimsOf(s, 'orders').length >= replicas, 'volumes of removed servers are kept');
  },
};

const grow: Scenario = {
  name: 'grow',
  async run(s) {
    s.createDatabase('orders', { replicas: 2, storage: { size: '10Gi' }, backup: { enabled: true } });
    await s.moment(60);
    s.edit(resources.Database, 'orders', { spec: { storage: { size: '20Gi' } } });
    await s.moment(60);
    s.edit(resources.Database, 'orders', { spec: { replicas: 3 } });
    await settle(s);
    assertComplete(s, 'orders', 3);
    for (const claim of claimsOf(s, 'orders').filter(({ metadata }) => metadata.name.startsWith('data-'))) {
      assert.deepEqual((claim['status'] as { capacity: unknown }).capacity, { storage: '20Gi' }, claim.metadata.name);
    }
  },
};

const hibernate: Scenario = {
  name: 'hibernate',
  async run(s) {
    s.createDatabase('orders', { replicas: 2 });
    await s.moment(90);
    const started = s.database('orders')?.status?.phase === 'Running';
    s.edit(resources.Database, 'orders', { spec: { hibernate: true } });
    if (started) {
      await s.until('all servers are stopped', () => podsOf(s, 'orders').length === 0);
      const password = passwordIn(s, 'orders-secret');
      await s.moment(3600);
      assert.equal(passwordIn(s, 'orders-secret'), password);
    } else await s.moment(60);
    s.edit(resources.Database, 'orders', { spec: { hibernate: false } });
    await settle(s);
    assertComplete(s, 'orders', 2);
  },
};

const restarts: Scenario = {
  name: 'restarts',
  async run(s) {
    s.createDatabase('orders', { replicas: 3, backup: { enabled: true } });
    for (let n = 0; n < 6; n++) {
      await s.moment(20);
      s.restart();
    }
    await settle(s);
    assertComplete(s, 'orders', 3);
    const before = s.world.writes.length;
    s.restart();
    await s.pass(600_000);
    assert.deepEqual(
      s.world.writes
        .slice(before)
        .filter(({ by }) => by === 'database-operator')
        .map(({ verb, name }) => `${verb} ${name}`),
      [],
      'a new process of the operator writes nothing',
    );
  },
};

export const scenarios: readonly Scenario[] = [
  create,
  several,
  configuration,
  scale,
  grow,
  hibernate,
  restarts,
  ...deletions,
  ...trouble,
  ...clusters,
  ...members,
  ...needs,
];
