/** Bad images, kinds that appear later, engines that are not run. */
import assert from 'node:assert/strict';
import * as resources from '../../src/api/resources.ts';
import { assertComplete, claimsOf, condition, podsOf } from './expect.ts';
import type { Scenario } from './scenarios.ts';
import { settle } from './settle.ts';
import { isReady } from './statefulset.ts';

const badImage: Scenario = {
  name: 'bad-change-reverted',
  async run(s) {
    const replicas = s.scheduler.between(1, 3);
    s.createDatabase('orders', { replicas });
    await s.until('it runs', () => s.database('orders')?.status?.phase === 'Running', 7200);
    const bad = 'registry.example.org/postgres:17.9';
    s.cluster.badImages.add(bad);
    s.edit(resources.Database, 'orders', { spec: { image: bad } });
    await s.until('it is told', () => (s.database('orders')?.status?.diagnosis ?? []).length > 0, 7200);
    await s.moment(600);
    const unready = podsOf(s, 'orders').filter((pod) => JSON.stringify(pod['status']).includes('ImagePullBackOff'));
    assert.equal(unready.length, 1, 'a bad change costs one server');
    if (replicas > 1) assert.notEqual(unready[0]?.metadata.name, 'orders-0', 'and not the primary');
    s.edit(resources.Database, 'orders', { spec: { image: 'registry.example.org/postgres:17' } });
    await settle(s);
    assertComplete(s, 'orders', replicas);
  },
};

const monitors: Scenario = {
  name: 'service-monitor-appears',
  async run(s) {
    s.createDatabase('orders', { monitoring: { enabled: true, alerting: true } });
    await settle(s);
    assert.equal(condition(s, 'orders', 'MonitorReady')?.reason, 'ServiceMonitorNotInstalled');
    s.network.absent.clear();
    for (const resource of [resources.ServiceMonitor, resources.PrometheusRule])
      await s.until('it is picked up', () => s.find(resource, 'orders-monitor') !== undefined, 7200);
    await settle(s);
    assert.equal(condition(s, 'orders', 'MonitorReady')?.status, 'True');
  },
};

const unsupported: Scenario = {
  name: 'engine-not-supported',
  async run(s) {
    s.createDatabase('cache', { engine: 'redis', version: '8.0' });
    s.create(resources.DatabaseUser, { name: 'ann', spec: { databaseRef: { name: 'cache' } } });
    await settle(s, {
      done: () =>
        condition(s, 'cache', 'Ready')?.reason === 'EngineNotSupported' &&
        s.find(resources.DatabaseUser, 'ann')?.['status'] !== undefined,
    });
    assert.deepEqual(claimsOf(s, 'cache'), []);
    s.remove(resources.Database, 'cache');
    assert.equal(s.database('cache'), undefined, 'and its deletion waits for nothing');
  },
};

/** What a bad change names is not there, and no object but an Event says so. */
const namesNobodyHas: Scenario = {
  name: 'names-that-nobody-has',
  async run(s) {
    const replicas = s.scheduler.between(1, 3);
    s.createDatabase('orders', { replicas });
    await s.until('it runs', () => s.database('orders')?.status?.phase === 'Running', 7200);
    const changes = [
      {
        bad: { tls: { certificateSecret: 'no-such' } },
        good: { tls: { certificateSecret: 'such' } },
        resource: resources.Secret,
        field: 'spec.tls.certificateSecret',
      },
      {
        bad: { podTemplate: { priorityClassName: 'no-such' } },
        good: { podTemplate: { priorityClassName: 'such' } },
        resource: resources.PriorityClass,
        field: 'spec.podTemplate.priorityClassName',
      },
    ];
    for (const { bad, good, resource, field } of changes) {
      s.create(resource, { name: 'such' });
      s.edit(resources.Database, 'orders', { spec: bad });
      const told = (): string => JSON.stringify(s.database('orders')?.status?.diagnosis ?? []);
      await s.until('it is told', () => told().includes(`${resource.kind} no-such (${field}) not found`), 7200);
      await s.moment(600);
      const others = podsOf(s, 'orders').filter(isReady);
      assert.ok(others.length >= replicas - 1, 'a bad change costs one server');
      if (s.scheduler.random() < 0.5) s.create(resource, { name: 'no-such' });
      else s.edit(resources.Database, 'orders', { spec: good });
      await settle(s);
      assert.equal(told(), '[]');
    }
    assertComplete(s, 'orders', replicas);
  },
};

const watched: Scenario = {
  name: 'monitor-comes-and-goes',
  async run(s) {
    s.createDatabase('orders', { replicas: s.scheduler.between(1, 3) });
    const watch = { name: 'watch', spec: { databaseRef: { name: 'orders' }, alerting: true } };
    s.create(resources.DatabaseMonitor, watch);
    const made = [
      [resources.Deployment, 'orders-exporter'],
      [resources.Service, 'orders-exporter'],
      [resources.ConfigMap, 'watch-dashboard'],
    ] as const;
    const prometheus = [
      [resources.ServiceMonitor, 'watch-monitor'],
      [resources.PrometheusRule, 'watch-monitor'],
    ] as const;
    const are = (objects: typeof made | typeof prometheus, there: boolean): boolean =>
      objects.every(([resource, name]) => (s.find(resource, name) !== undefined) === there);
    await s.until('exporters and dashboard are made', () => are(made, true), 7200);
    await settle(s);
    assert.ok(are(prometheus, false));
    s.network.absent.clear();
    await s.until('the rest is made, too', () => are(prometheus, true), 7200);
    s.remove(resources.Deployment, 'orders-exporter');
    await s.until('what is deleted comes back', () => are(made, true), 7200);
    await settle(s);
    s.remove(resources.DatabaseMonitor, 'watch');
    await s.until('nothing is left of it', () => are(made, false) && are(prometheus, false), 7200);
    if (s.scheduler.random() < 0.5) s.create(resources.DatabaseMonitor, watch);
    await settle(s);
    assertComplete(s, 'orders', s.database('orders')?.spec.replicas ?? 1);
  },
};

export const clusters: readonly Scenario[] = [badImage, monitors, unsupported];
/** Last of all, so that the seeds of the others stay what they were. */
export const needs: readonly Scenario[] = [namesNobodyHas, watched];
