/** The thin client against a real API server: what it is answered, and what the server makes of what it sends. */
import assert from 'node:assert/strict';
import type { KubernetesObject, ObjectRef } from '../../src/api/object.ts';
import { ConfigMap, Namespace, StatefulSet } from '../../src/api/resources.ts';
import type { WatchEvent } from '../../src/kubernetes/client.ts';
import { isAlreadyExists, isConflict, isInvalid, isNotFound } from '../../src/kubernetes/errors.ts';
import type { HttpClient } from '../../src/kubernetes/http-client.ts';
import { connectTo } from '../support/real-client.ts';
import { controlPlane, expectKubectl, getObject, uniqueNamespace } from './harness.ts';

describe('the client and a real API server', () => {
  let client: HttpClient;
  let namespace: string;
  before(async () => {
    client = await connectTo({ kubeconfig: (await controlPlane()).kubeconfig }, 'database-operator/client-test');
    namespace = await uniqueNamespace('client');
  });
  after(() => client.close());

  const map = (
    name: string,
    data: Record<string, string> = {},
    labels: Record<string, string> = {},
  ): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels },
    data,
  });
  const refOf = (name: string): ObjectRef => ({ resource: ConfigMap, namespace, name });

  it('creates, gets and deletes; the second create and the get after the end say so', async () => {
    const created = await client.create(ConfigMap, map('life', { a: 'ä' }));
    assert.deepEqual((await client.get(refOf('life')))?.['data'], { a: 'ä' });
    await assert.rejects(client.create(ConfigMap, map('life')), isAlreadyExists);
    await assert.rejects(client.delete(refOf('life'), { uid: 'another' }), isConflict);
    await assert.rejects(client.delete(refOf('life'), { resourceVersion: '1' }), isConflict);
    await client.delete(refOf('life'), { uid: created.metadata.uid ?? '' });
    assert.equal(await client.get(refOf('life')), undefined);
    await assert.rejects(client.delete(refOf('life')), isNotFound);
  });

  it('applies under its field manager: a no-op leaves the version alone, a dropped field goes away', async () => {
    const first = await client.apply(ConfigMap, map('applied', { a: '1', b: '2' }), { force: true });
    const again = await client.apply(ConfigMap, map('applied', { b: '2', a: '1' }), { force: true });
    assert.equal(again.metadata.resourceVersion, first.metadata.resourceVersion);
    assert.deepEqual((await client.apply(ConfigMap, map('applied', { a: '1' }), { force: true }))['data'], { a: '1' });
    const [entry] = (again.metadata as unknown as { managedFields: { manager: string; operation: string }[] })
      .managedFields;
    assert.deepEqual([entry?.manager, entry?.operation], ['database-operator', 'Apply']);
  });

  it('is told of a conflict with another manager unless it forces', async () => {
    await client.apply(ConfigMap, map('contested', { a: 'ours' }), { force: true });
    await expectKubectl(['patch', 'configmap', 'contested', '-n', namespace, '-p', '{"data":{"a":"theirs"}}']);
    await assert.rejects(
      client.apply(ConfigMap, map('contested', { a: 'ours' }), { force: false }),
      (error: unknown) => {
        assert.ok(isConflict(error));
        assert.match((error as Error).message, /conflict with "kubectl-patch".*\.data\.a/s);
        return true;
      },
    );
    assert.deepEqual((await client.apply(ConfigMap, map('contested', { a: 'ours' }), { force: true }))['data'], {
      a: 'ours',
    });
  });

  it('guards a JSON patch by test: a finalizer that is not where it was seen is not removed', async () => {
    const finalizer = 'example.com/one';
    const object = map('guarded');
    await client.create(ConfigMap, {
      ...object,
      metadata: { ...object.metadata, finalizers: ['example.com/zero', finalizer] },
    });
    const removeAt = (index: number) =>
      client.jsonPatch(refOf('guarded'), [
        { op: 'test', path: `/metadata/finalizers/${index}`, value: finalizer },
        { op: 'remove', path: `/metadata/finalizers/${index}` },
      ]);
    await assert.rejects(removeAt(0), isInvalid);
    assert.deepEqual((await removeAt(1)).metadata.finalizers, ['example.com/zero']);
    await client.mergePatch(refOf('guarded'), { metadata: { finalizers: null } });
  });

  it('guards a merge patch by resourceVersion', async () => {
    const created = await client.create(ConfigMap, map('merged', { a: '1' }));
    const version = created.metadata.resourceVersion;
    await client.mergePatch(refOf('merged'), { metadata: { resourceVersion: version }, data: { a: '2' } });
    await assert.rejects(
      client.mergePatch(refOf('merged'), { metadata: { resourceVersion: version }, data: { a: '3' } }),
      isConflict,
    );
  });

  it('writes status through the subresource only', async () => {
    const labels = { app: 'x' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const set: KubernetesObject = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'status', namespace },
      spec: { replicas: 0, serviceName: 'x', selector: { matchLabels: labels }, template },
    };
    const ref: ObjectRef = { resource: StatefulSet, namespace, name: 'status' };
    await client.create(StatefulSet, set);
    const status = { replicas: 7, observedGeneration: 0 };
    await client.mergePatch(ref, { status });
    assert.notEqual(
      (await getObject<{ status: { replicas: number } }>('sts', namespace, 'status'))?.status.replicas,
      7,
    );
    const written = await client.mergePatch(ref, { status, spec: { replicas: 3 } }, { subresource: 'status' });
    assert.equal((written['spec'] as { replicas: number }).replicas, 0);
    await client.delete(ref, { propagationPolicy: 'Background' });
  });

  it('lists in pages, with kinds, and as metadata only', async () => {
    for (const name of ['p1', 'p2', 'p3']) await client.create(ConfigMap, map(name, { big: 'x' }, { page: 'yes' }));
    const first = await client.listPage(ConfigMap, { namespace, labelSelector: 'page=yes', limit: 2 });
    assert.ok(first.continue !== undefined);
    const second = await client.listPage(ConfigMap, {
      namespace,
      labelSelector: 'page=yes',
      limit: 2,
      continue: first.continue,
    });
    assert.deepEqual(
      [...first.items, ...second.items].map(({ metadata }) => metadata.name),
      ['p1', 'p2', 'p3'],
    );
    assert.deepEqual(
      [first.items[0]?.apiVersion, first.items[0]?.kind, second.continue],
      ['v1', 'ConfigMap', undefined],
    );
    const [metadata] = (await client.listPage(ConfigMap, { namespace, labelSelector: 'page=yes', metadataOnly: true }))
      .items;
    assert.deepEqual(Object.keys(metadata ?? {}).sort(), ['apiVersion', 'kind', 'metadata']);
    assert.equal(metadata?.kind, 'ConfigMap');
  });

  it('watches metadata only, and gets a bookmark before the server ends the watch', async () => {
    const { resourceVersion } = await client.listPage(ConfigMap, { namespace });
    const events: WatchEvent[] = [];
    const watching = (async () => {
      const options = { namespace, resourceVersion, timeoutSeconds: 4, metadataOnly: true };
      for await (const event of client.watch(ConfigMap, options)) events.push(event);
    })();
    await client.create(ConfigMap, map('watched', { big: 'x' }));
    await watching;
    const added = events.find(({ type }) => type === 'ADDED');
    assert.equal(added?.object.metadata.name, 'watched');
    assert.deepEqual([added.object.kind, 'data' in added.object], ['ConfigMap', false]);
    const bookmark = events.find(({ type }) => type === 'BOOKMARK');
    assert.ok(Number(bookmark?.object.metadata.resourceVersion) >= Number(added.object.metadata.resourceVersion));
  });

  it('is told 410 about a version that is too old, inside the stream', async () => {
    // A server that has just started remembers nothing older than its start.
    const plane = await controlPlane();
    await plane.stopApiServer();
    await plane.startApiServer();
    const events: WatchEvent[] = [];
    for await (const event of client.watch(Namespace, { resourceVersion: '1', timeoutSeconds: 5 })) events.push(event);
    const last = events.at(-1);
    assert.equal(last?.type, 'ERROR');
    assert.equal(last.object['code'], 410);
  });
});
