/** Stores, applies and idleness against a real API server, and against the same server behind a proxy that misbehaves. */
import assert from 'node:assert/strict';
import type { KubernetesObject, Resource } from '../../src/api/object.ts';
import { ConfigMap, StatefulSet } from '../../src/api/resources.ts';
import { createApplier } from '../../src/kubernetes/applier.ts';
import { loadConnection } from '../../src/kubernetes/config.ts';
import type { Connection } from '../../src/kubernetes/connection.ts';
import { ApiError } from '../../src/kubernetes/errors.ts';
import { createHttpClient, type HttpClient } from '../../src/kubernetes/http-client.ts';
import { createMemoryStore, type MutableStore } from '../../src/kubernetes/memory-store.ts';
import { startReflector, type Reflector, type ReflectorOptions } from '../../src/kubernetes/reflector.ts';
import { realClock } from '../support/real-clock.ts';
import { startFaultyProxy, type FaultyProxy } from './faulty-proxy.ts';
import { controlPlane, eventually, expectKubectl, uniqueNamespace } from './harness.ts';

const clientOf = (connection: Connection, userAgent: string, watchSilenceMilliseconds = 180_000): HttpClient =>
  createHttpClient({ connection, clock: realClock, userAgent, watchSilenceMilliseconds });

async function administrator(): Promise<Connection> {
  const connection = await loadConnection({ clock: realClock, env: {}, kubeconfig: (await controlPlane()).kubeconfig });
  assert.ok(connection !== undefined);
  return connection;
}

describe('stores of a real API server', () => {
  let direct: HttpClient;
  let proxy: FaultyProxy;
  let namespace: string;
  const running: Reflector[] = [];
  before(async () => {
    direct = clientOf(await administrator(), 'database-operator/reflector-test');
  });
  beforeEach(async () => {
    namespace = await uniqueNamespace('reflector');
    proxy = await startFaultyProxy(await administrator());
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((reflector) => reflector.stop()));
    await proxy.close();
  });
  after(() => direct.close());

  const map = (name: string, data: Record<string, string> = {}): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data,
  });
  const create = (name: string) => direct.create(ConfigMap, map(name));

  function reflect(client: HttpClient, options: Partial<ReflectorOptions> = {}) {
    const store: MutableStore = createMemoryStore();
    const errors: unknown[] = [];
    const reflector = startReflector({
      client,
      clock: realClock,
      random: () => 0,
      resource: ConfigMap,
      namespaces: [namespace],
      store,
      onError: (error) => errors.push(error),
      ...options,
    });
    running.push(reflector);
    const names = (): string[] =>
      store
        .list(namespace)
        .map(({ metadata }) => metadata.name)
        .filter((name) => name !== 'kube-root-ca.crt')
        .sort();
    const has = (...wanted: string[]) => eventually(() => JSON.stringify(names()) === JSON.stringify(wanted));
    return { store, reflector, errors, has };
  }
  const verbsSince = async (userAgent: string, from: number): Promise<string[]> => {
    const events = await (await controlPlane()).auditEvents();
    return events
      .filter((event) => event.userAgent === userAgent && Date.parse(event.requestReceivedTimestamp) >= from)
      .map(({ verb, requestURI }) => `${verb} ${requestURI.split('?')[0] ?? ''}`);
  };

  it('are filled by one watch and follow it; stopping ends it', async () => {
    await create('a');
    const client = clientOf(await administrator(), 'database-operator/one-watch');
    const { reflector, store, has, errors } = reflect(client);
    await reflector.synced;
    await has('a');
    await create('b');
    await direct.delete({ resource: ConfigMap, namespace, name: 'a' });
    await has('b');
    assert.equal('managedFields' in (store.get(namespace, 'b')?.metadata ?? {}), false);
    await reflector.stop();
    assert.deepEqual(errors, []);
    await eventually(async () => {
      const verbs = await verbsSince('database-operator/one-watch', 0);
      return verbs.length > 0 && verbs.every((verb) => verb.startsWith('watch'));
    });
    client.close();
  });

  it('are filled by pages of 100 where WatchList is refused', async () => {
    await Promise.all(Array.from({ length: 220 }, (_, index) => create(`map-${index}`)));
    proxy.faults.intercept = (url) =>
      url.searchParams.has('sendInitialEvents')
        ? { code: 422, body: { kind: 'Status', code: 422, reason: 'Invalid' } }
        : undefined;
    const { reflector, store, errors } = reflect(clientOf(proxy.connection, 'x'));
    await reflector.synced;
    assert.ok(store.list(namespace).length >= 220);
    const lists = proxy.requests.filter(({ url }) => url.searchParams.has('limit'));
    assert.equal(lists.length, 3);
    assert.ok(lists.slice(1).every(({ url }) => url.searchParams.has('continue')));
    await create('later');
    await eventually(() => store.get(namespace, 'later') !== undefined);
    assert.deepEqual(errors, []);
  });

  it('resume without listing after a reset in the middle of a line', async () => {
    await create('a');
    const { reflector, has, errors } = reflect(clientOf(proxy.connection, 'x'));
    await reflector.synced;
    await create('b');
    await has('a', 'b');
    proxy.resetStreams('{"type":"ADDED","object":{"kind":"Conf');
    await create('c');
    await has('a', 'b', 'c');
    assert.equal(errors.length, 1);
    assert.equal(proxy.requests.filter(({ url }) => url.searchParams.has('resourceVersion')).length, 1);
    assert.equal(proxy.requests.filter(({ url }) => !url.searchParams.has('watch')).length, 0);
  });

  it('notice a half-open connection by its silence and miss nothing', async () => {
    const { reflector, has, errors } = reflect(clientOf(proxy.connection, 'x', 600));
    await reflector.synced;
    proxy.freezeStreams();
    await create('unseen');
    await has('unseen');
    assert.match(String(errors[0]), /silent for 0.6 s/);
  });

  it('read everything again on 410 as an HTTP status, and see what was deleted meanwhile', async () => {
    await create('a');
    await create('b');
    const { reflector, has } = reflect(clientOf(proxy.connection, 'x'));
    await reflector.synced;
    await has('a', 'b');
    let once = true;
    proxy.faults.intercept = (url) => {
      if (!once || !url.searchParams.has('resourceVersion')) return undefined;
      once = false;
      return { code: 410, body: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } };
    };
    proxy.resetStreams();
    await direct.delete({ resource: ConfigMap, namespace, name: 'a' });
    await has('b');
    assert.equal(once, false);
  });

  it('wait as long as a 429 asks before they try again', async () => {
    let refusals = 1;
    proxy.faults.intercept = () =>
      refusals-- > 0 ? { code: 429, body: { kind: 'Status', code: 429 }, headers: { 'retry-after': '2' } } : undefined;
    const from = Date.now();
    const { reflector, errors } = reflect(clientOf(proxy.connection, 'x'));
    await reflector.synced;
    assert.ok(Date.now() - from >= 2000);
    assert.ok(errors[0] instanceof ApiError && errors[0].retryAfterSeconds === 2);
  });

  it('survive an outage of the API server, which forgets old versions in it', async () => {
    await create('a');
    const { reflector, has, errors } = reflect(direct);
    await reflector.synced;
    await has('a');
    const plane = await controlPlane();
    await plane.stopApiServer();
    await eventually(() => errors.length > 1);
    await plane.startApiServer();
    await create('b');
    await has('a', 'b');
  });

  it('of a kind without CRD are empty but ready, fill when it appears, and empty when it goes', async () => {
    const group = `${namespace}.example.org`;
    const gadget: Resource = { group, version: 'v1', kind: 'Gadget', plural: 'gadgets', namespaced: true };
    const { reflector, store, errors } = reflect(direct, { resource: gadget, absentRetryMilliseconds: 200 });
    await reflector.synced;
    assert.deepEqual([reflector.absent, store.synced, errors.length], [true, true, 0]);
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `gadgets.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind: 'Gadget', plural: 'gadgets' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    };
    await expectKubectl(['create', '-f', '-'], JSON.stringify(definition));
    const object = { apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name: 'g', namespace } };
    await eventually(() => direct.create(gadget, object));
    await eventually(() => store.get(namespace, 'g') !== undefined);
    assert.equal(reflector.absent, false);
    await expectKubectl(['delete', 'crd', `gadgets.${group}`]);
    await eventually(() => reflector.absent && store.list().length === 0);
  });

  it('let the applier put drift right in one pass and say nothing about status or when idle', async () => {
    const userAgent = 'database-operator/applier-test';
    const client = clientOf(await administrator(), userAgent);
    const { reflector, store } = reflect(client, { resource: StatefulSet });
    await reflector.synced;
    const applier = createApplier({ client, clock: realClock });
    const labels = { app: 'db' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const intent: KubernetesObject = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace, labels },
      spec: { replicas: 1, serviceName: 'db', selector: { matchLabels: labels }, template },
    };
    const outcomes: string[] = [];
    const pass = async (): Promise<void> => {
      outcomes.push((await applier.apply(StatefulSet, intent, store.get(namespace, 'db'))).outcome);
    };
    await pass();
    // One at a time, as the queue of a controller does it.
    let passes = Promise.resolve();
    store.onChange(() => void (passes = passes.then(pass)));
    // The StatefulSet controller now makes a pod and writes status several times.
    await eventually(
      () => (store.get(namespace, 'db')?.['status'] as { replicas?: number } | undefined)?.replicas === 1,
    );
    assert.ok(outcomes.length > 2 && outcomes.slice(1).every((outcome) => outcome === 'skipped'), outcomes.join());

    const applied = () => outcomes.filter((outcome) => outcome === 'applied').length;
    await expectKubectl(['label', 'sts', 'db', '-n', namespace, 'app=other', '--overwrite']);
    await eventually(() => store.get(namespace, 'db')?.metadata.labels?.['app'] === 'db' && applied() === 2);
    await expectKubectl(['scale', 'sts', 'db', '-n', namespace, '--replicas=3']);
    await eventually(
      () => (store.get(namespace, 'db')?.['spec'] as { replicas: number }).replicas === 1 && applied() === 3,
    );
    await eventually(() => (store.get(namespace, 'db')?.['status'] as { replicas?: number }).replicas === 1);

    const idleSince = Date.now();
    for (let index = 0; index < 20; index += 1) await pass();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await passes;
    assert.equal(applied(), 3);
    assert.deepEqual(await verbsSince(userAgent, idleSince), []);
    await reflector.stop();
    client.close();
  });
});
