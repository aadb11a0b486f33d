import assert from 'node:assert/strict';
import { answer } from '../../test/support/faulty-server.ts';
import { faultyServer, isApiError, status } from '../../test/support/http-client.ts';
import { configMap } from '../../test/support/scripted-client.ts';
import type { ObjectRef } from '../api/object.ts';
import { ConfigMap, StatefulSet, StorageClass } from '../api/resources.ts';
import type { HttpClient } from './http-client.ts';

const ref: ObjectRef = { resource: ConfigMap, namespace: 'ns', name: 'a' };

describe('http client', () => {
  const suite = faultyServer();

  describe('sends', () => {
    const requests: Record<string, readonly [(client: HttpClient) => Promise<unknown>, string, string?]> = {
      get: [(client) => client.get(ref), 'GET /api/v1/namespaces/ns/configmaps/a'],
      'a page of a list': [
        (client) => client.listPage(StatefulSet, { namespace: 'ns', limit: 500, continue: 'c', labelSelector: 'a=b' }),
        'GET /apis/apps/v1/namespaces/ns/statefulsets?limit=500&continue=c&labelSelector=a%3Db',
      ],
      create: [
        (client) => client.create(ConfigMap, configMap('a', '')),
        'POST /api/v1/namespaces/ns/configmaps?fieldManager=database-operator',
        'application/json',
      ],
      apply: [
        (client) => client.apply(StatefulSet, configMap('a', ''), { force: true, subresource: 'status' }),
        'PATCH /apis/apps/v1/namespaces/ns/statefulsets/a/status?fieldManager=database-operator&force=true',
        'application/apply-patch+yaml',
      ],
      'an apply without force': [
        (client) => client.apply(ConfigMap, configMap('a', ''), { force: false }),
        'PATCH /api/v1/namespaces/ns/configmaps/a?fieldManager=database-operator&force=false',
        'application/apply-patch+yaml',
      ],
      'a JSON patch': [
        (client) => client.jsonPatch(ref, [{ op: 'remove', path: '/x' }]),
        'PATCH /api/v1/namespaces/ns/configmaps/a?fieldManager=database-operator',
        'application/json-patch+json',
      ],
      'a merge patch': [
        (client) => client.mergePatch(ref, { x: null }, { subresource: 'status' }),
        'PATCH /api/v1/namespaces/ns/configmaps/a/status?fieldManager=database-operator',
        'application/merge-patch+json',
      ],
      'a guarded delete': [
        (client) => client.delete({ resource: StorageClass, name: 'a' }, { uid: 'u', propagationPolicy: 'Orphan' }),
        'DELETE /apis/storage.k8s.io/v1/storageclasses/a',
        'application/json',
      ],
    };
    for (const [what, [call, expected, type]] of Object.entries(requests)) {
      it(what, async () => {
        suite.server.next(answer(200, { metadata: { resourceVersion: '1' } }));
        const { client } = suite.connect({}, () => ({
          authorization: 'Bearer t',
          headers: { 'Impersonate-User': 'alice' },
        }));
        await call(client);
        const [request] = suite.server.requests;
        assert.equal(`${request?.method} ${request?.url.pathname}${request?.url.search}`, expected);
        assert.equal(request?.headers['content-type'], type);
        assert.equal(request?.headers['user-agent'], 'database-operator/1.2.3');
        assert.equal(request.headers.authorization, 'Bearer t');
        assert.equal(request.headers['impersonate-user'], 'alice');
      });
    }

    it('what asks for nothing but metadata, and gives the object its own kind', async () => {
      const answered = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: { name: 'a' } };
      suite.server.next(answer(200, answered));
      const object = await suite.connect().client.get(ref, { metadataOnly: true });
      assert.deepEqual(object, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
      const [request] = suite.server.requests;
      assert.equal(request?.headers.accept, 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
    });

    it('preconditions of a delete in its body', async () => {
      suite.server.next(answer(200, {}));
      await suite.connect().client.delete(ref, { uid: 'u', resourceVersion: '7' });
      assert.deepEqual(JSON.parse(suite.server.requests[0]!.body), {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: 'u', resourceVersion: '7' },
      });
    });

    it('everything over one connection', async () => {
      suite.server.next(answer(200, configMap('a', '1')), answer(404, 'nothing'), answer(200, configMap('a', '1')));
      const { client } = suite.connect();
      for (let index = 0; index < 5; index += 1) await client.get(ref);
      assert.equal(new Set(suite.server.requests.map(({ remotePort }) => remotePort)).size, 1);
    });
  });

  describe('on 401', () => {
    it('reads the credentials again and repeats the request once, whatever the verb', async () => {
      suite.server.next(answer(401, status(401, 'Unauthorized', 'expired')), answer(201, configMap('a', '1')));
      const { client } = suite.connect({}, (fresh) => ({ authorization: fresh ? 'Bearer new' : 'Bearer old' }));
      await client.create(ConfigMap, configMap('a', ''));
      assert.deepEqual(
        suite.server.requests.map(({ headers }) => headers.authorization),
        ['Bearer old', 'Bearer new'],
      );
      assert.equal(suite.server.requests[0]?.body, suite.server.requests[1]?.body);
    });

    it('gives up when the new ones are no better', async () => {
      suite.server.next(answer(401, status(401, 'Unauthorized', 'no')));
      await assert.rejects(suite.connect().client.get(ref), isApiError({ code: 401, reason: 'Unauthorized' }));
      assert.equal(suite.server.requests.length, 2);
    });

    it('says whose credentials could not be read', async () => {
      const { client } = suite.connect({}, () => {
        throw new Error('ENOENT');
      });
      await assert.rejects(client.get(ref), isApiError({ code: 0 }, /credentials of test can't be read/));
    });
  });
});
