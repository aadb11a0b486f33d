/** People and clusters that make trouble: deleted and edited children, taken names, lost credentials, bad images. */
import assert from 'node:assert/strict';
import type { KubernetesObject, Resource } from '../../src/api/object.ts';
import * as resources from '../../src/api/resources.ts';
import { assertComplete, condition, eventReasons, passwordIn } from './expect.ts';
import type { Scenario } from './scenarios.ts';
import { settle } from './settle.ts';
import type { Simulation } from './simulation.ts';

const running =
  (s: Simulation, name = 'orders') =>
  (): boolean =>
    s.database(name)?.status?.phase === 'Running';

const kinds: readonly Resource[] = [
  resources.ServiceAccount,
  resources.ConfigMap,
  resources.Service,
  resources.PodDisruptionBudget,
  resources.NetworkPolicy,
  resources.StatefulSet,
  resources.Pod,
  resources.CronJob,
];

function anyChild(s: Simulation): { resource: Resource; object: KubernetesObject } | undefined {
  const children = s.world
    .everything()
    .filter(
      ({ resource, object }) =>
        kinds.some(({ kind }) => kind === resource.kind) &&
        object.metadata.labels?.['database.example.com/name'] === 'orders',
    );
  return children.length === 0 ? undefined : s.scheduler.pick(children);
}

const deletes: Scenario = {
  name: 'children-deleted',
  async run(s) {
    const replicas = s.scheduler.between(1, 3);
    s.createDatabase('orders', { replicas, backup: { enabled: true } });
    for (let n = s.scheduler.between(1, 6); n > 0; n--) {
      await s.moment(60);
      const child = anyChild(s);
      if (child !== undefined) s.remove(child.resource, child.object.metadata.name);
    }
    await settle(s);
    assertComplete(s, 'orders', replicas);
  },
};

const edits: Scenario = {
  name: 'children-edited',
  async run(s) {
    const replicas = s.scheduler.between(1, 2);
    s.createDatabase('orders', { replicas });
    await s.until('it runs', running(s), 7200);
    const wanted = s.find(resources.ConfigMap, 'orders-config')?.['data'];
    for (let n = s.scheduler.between(1, 4); n > 0; n--) {
      const edit = s.scheduler.pick([
        () => s.edit(resources.ConfigMap, 'orders-config', { data: { 'postgresql.conf': 'fsync = off' } }),
        () => s.edit(resources.Service, 'orders-primary', { spec: { selector: { app: 'other' } } }),
        () => s.edit(resources.StatefulSet, 'orders', { spec: { replicas: 7 } }),
        () =>
          s.edit(resources.StatefulSet, 'orders', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'me' } } }),
        () => s.edit(resources.Service, 'orders', { metadata: { labels: { mine: 'yes' } } }),
        () => s.edit(resources.Pod, 'orders-0', { metadata: { labels: { role: 'replica' } } }),
      ]);
      edit();
      await s.moment(60);
    }
    await settle(s);
    assertComplete(s, 'orders', replicas);
    assert.deepEqual(s.find(resources.ConfigMap, 'orders-config')?.['data'], wanted);
    const selector = (s.find(resources.Service, 'orders-primary')?.['spec'] as { selector: { app: string } }).selector;
    assert.equal(selector.app, 'orders');
    assert.equal((s.find(resources.StatefulSet, 'orders')?.['spec'] as { replicas: number }).replicas, replicas);
  },
};

const paused: Scenario = {
  name: 'paused',
  async run(s) {
    s.createDatabase('orders');
    await s.until('it runs', running(s), 7200);
    s.edit(resources.Database, 'orders', { spec: { paused: true } });
    // A list from before the pause would make it undone for a moment.
    s.network.setWeather({ staleList: 0 });
    await s.until('it is paused', () => condition(s, 'orders', 'Paused')?.status === 'True', 7200);
    const before = s.world.writes.length;
    s.remove(resources.Service, 'orders-readonly');
    s.edit(resources.ConfigMap, 'orders-config', { data: { 'postgresql.conf': '' } });
    s.edit(resources.Database, 'orders', { spec: { config: { maxConnections: 33 } } });
    await s.moment(600);
    const written = s.world.writes
      .slice(before)
      .filter(({ by, verb, resource }) => by === 'database-operator' && verb !== 'status' && resource.kind !== 'Event');
    assert.deepEqual(
      written.map(({ verb, name }) => `${verb} ${name}`),
      [],
      'a paused Database is left alone',
    );
    s.edit(resources.Database, 'orders', { spec: { paused: false } });
    await settle(s);
    assertComplete(s, 'orders', 1);
  },
};

const conflict: Scenario = {
  name: 'name-taken',
  async run(s) {
    const theirs: readonly (readonly [Resource, string, Readonly<Record<string, unknown>>])[] = [
      [resources.Service, 'orders-primary', { spec: { selector: { app: 'mine' } } }],
      [resources.ConfigMap, 'orders-config', { data: { mine: 'yes' } }],
      [resources.Secret, 'orders-secret', { data: { password: 'bWluZS1hbmQtb25seS1taW5l' } }],
      [resources.PersistentVolumeClaim, 'data-orders-0', { spec: { resources: { requests: { storage: '1Gi' } } } }],
      [
        resources.StatefulSet,
        'orders',
        { spec: { replicas: 0, selector: { matchLabels: { app: 'mine' } }, template: { spec: {} } } },
      ],
    ];
    const [resource, name, body] = s.scheduler.pick(theirs);
    const object = s.create(resource, { name, ...body });
    s.invariants.protect(object);
    s.createDatabase('orders');
    await settle(s, { done: () => condition(s, 'orders', 'Ready')?.reason === 'NameConflict', mayRead: true });
    assert.match(condition(s, 'orders', 'Ready')?.message ?? '', new RegExp(`${resource.kind} ${name}`));
    assert.ok(eventReasons(s).includes('NameConflict'));
    if (resource.kind !== 'StatefulSet')
      assert.equal(s.find(resources.StatefulSet, 'orders'), undefined, 'nothing is started');
    s.remove(resource, name);
    await settle(s);
    assertComplete(s, 'orders', 1);
  },
};

const secrets: Scenario = {
  name: 'secrets-deleted',
  async run(s) {
    s.createDatabase('orders');
    await s.until('it runs', running(s), 7200);
    const password = passwordIn(s, 'orders-secret');
    s.remove(resources.Secret, 'orders-secret');
    await s.moment(60);
    await s.until('it is restored', () => passwordIn(s, 'orders-secret') !== undefined, 7200);
    assert.equal(passwordIn(s, 'orders-secret'), password, 'with the same password');
    const kept = s.find(resources.Secret, 'orders-internal');
    s.remove(resources.Secret, 'orders-internal');
    await settle(s, { done: () => condition(s, 'orders', 'Degraded')?.reason === 'CredentialsLost', mayRead: true });
    assert.equal(s.find(resources.Secret, 'orders-internal'), undefined, 'passwords are not made anew');
    s.create(resources.Secret, { name: 'orders-internal', data: kept?.['data'] });
    s.edit(resources.Secret, 'orders-internal', { metadata: { labels: kept?.metadata.labels } });
    await settle(s);
    assertComplete(s, 'orders', 1);
  },
};

export const trouble: readonly Scenario[] = [deletes, edits, paused, conflict, secrets];
