import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { answer, stream } from '../../test/support/faulty-server.ts';
import { faultyServer, isApiError, status } from '../../test/support/http-client.ts';
import { configMap } from '../../test/support/scripted-client.ts';
import type { ObjectRef } from '../api/object.ts';
import { ConfigMap, StatefulSet } from '../api/resources.ts';
import { ApiError, isConflict, isExpired, isNotFound } from './errors.ts';

const ref: ObjectRef = { resource: ConfigMap, namespace: 'ns', name: 'a' };

describe('http client answers', () => {
  const suite = faultyServer();

  it('undefined to a get of what is not there, as a Status or as plain text', async () => {
    suite.server.next(answer(404, status(404, 'NotFound', 'x not found')), answer(404, '404 page not found'));
    const { client } = suite.connect();
    assert.equal(await client.get(ref), undefined);
    assert.equal(await client.get(ref), undefined);
  });

  it('list items with their kind, also metadata only', async () => {
    const item = { metadata: { name: 'a', namespace: 'ns' } };
    const partial = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', ...item };
    const { client } = suite.connect();
    suite.server.next(answer(200, { metadata: { resourceVersion: '5', continue: '' }, items: [item] }));
    suite.server.next(
      answer(200, { metadata: { resourceVersion: '5' }, items: [partial] }),
      answer(200, { metadata: { resourceVersion: '5' }, items: null }),
    );
    const typed = { apiVersion: 'apps/v1', kind: 'StatefulSet', ...item };
    assert.deepEqual(await client.listPage(StatefulSet, {}), { items: [typed], resourceVersion: '5' });
    assert.deepEqual((await client.listPage(StatefulSet, { metadataOnly: true })).items, [typed]);
    assert.match(suite.server.requests[1]?.headers.accept ?? '', /as=PartialObjectMetadataList;g=meta.k8s.io;v=v1/);
    assert.deepEqual((await client.listPage(StatefulSet, {})).items, []);
  });

  it('an error to a page of something else (a login page of a proxy)', async () => {
    suite.server.next(answer(200, '<html>Please log in</html>'));
    await assert.rejects(suite.connect().client.listPage(ConfigMap, {}), isApiError({ code: 0, reason: 'BadAnswer' }));
  });

  const failures: readonly (readonly [string, unknown, Record<string, string>, Partial<ApiError>, RegExp])[] = [
    [
      'a conflict',
      status(409, 'Conflict', 'modified'),
      {},
      { code: 409, reason: 'Conflict' },
      /apply ConfigMap ns\/a: modified/,
    ],
    [
      '429 with Retry-After',
      status(429, 'TooManyRequests', 'busy'),
      { 'retry-after': '7' },
      { code: 429, retryAfterSeconds: 7 },
      /busy/,
    ],
    [
      '503 with seconds in the body',
      status(503, 'ServiceUnavailable', 'x', { retryAfterSeconds: 3 }),
      {},
      { code: 503, retryAfterSeconds: 3 },
      /x/,
    ],
    ['502 of a proxy', 'Bad Gateway', {}, { code: 502, reason: 'Unknown' }, /Bad Gateway/],
    ['500 without a body', '', {}, { code: 500, reason: 'InternalError' }, /HTTP 500/],
    ['422', status(422, 'Invalid', 'spec.replicas: bad'), {}, { code: 422, reason: 'Invalid' }, /spec.replicas/],
  ];
  for (const [what, body, headers, expected, message] of failures) {
    it(`${what} as an ApiError`, async () => {
      suite.server.next(answer(expected.code ?? 500, body, headers));
      await assert.rejects(
        suite.connect().client.apply(ConfigMap, configMap('a', ''), { force: true }),
        isApiError(expected, message),
      );
    });
  }

  it('an error that names the server when there is none', async () => {
    const { client, records } = suite.connect();
    await suite.stopServer();
    await assert.rejects(
      client.get(ref),
      isApiError({ code: 0, reason: 'Unreachable' }, /get ConfigMap ns\/a: no answer from http:.*ECONNREFUSED/),
    );
    assert.equal(records[0]?.code, 0);
  });

  it('an error when the connection breaks inside the answer', async () => {
    suite.server.next((response, _, socket) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"metadata":');
      setTimeout(() => socket.resetAndDestroy(), 5);
    });
    await assert.rejects(suite.connect().client.get(ref), isApiError({ code: 0, reason: 'Unreachable' }));
  });

  it('Timeout when no answer comes, and when it stops half way', async () => {
    const { client } = suite.connect({ requestMilliseconds: 30 });
    suite.server.next(() => undefined, stream(['{"half":']));
    await assert.rejects(client.get(ref), isApiError({ code: 0, reason: 'Timeout' }, /within 0.03 s/));
    await assert.rejects(client.get(ref), isApiError({ code: 0, reason: 'Timeout' }, /not complete/));
  });

  it('Aborted when the caller or the process ends it', async () => {
    suite.server.next(() => undefined);
    const { client, controller } = suite.connect();
    const mine = new AbortController();
    const first = assert.rejects(client.get(ref, { signal: mine.signal }), isApiError({ reason: 'Aborted' }));
    const second = assert.rejects(client.get(ref), isApiError({ reason: 'Aborted' }));
    setTimeout(() => mine.abort(), 5);
    await first;
    controller.abort();
    await second;
  });

  it('and every request is counted with verb, resource, code and time', async () => {
    suite.server.next(answer(200, configMap('a', '1')), answer(409, status(409, 'AlreadyExists', 'x')));
    const { client, records } = suite.connect();
    await client.get(ref);
    await client.create(ConfigMap, configMap('a', '')).catch(() => undefined);
    assert.deepEqual(
      records.map(({ verb, resource, code }) => [verb, resource.plural, code]),
      [
        ['get', 'configmaps', 200],
        ['create', 'configmaps', 409],
      ],
    );
    assert.ok(records.every(({ seconds }) => seconds >= 0 && seconds < 2));
  });

  it('tells conflicts, missing things and expiry apart', () => {
    const error = (code: number, reason: string): ApiError => new ApiError('x', { code, reason });
    assert.equal(isConflict(error(409, 'AlreadyExists')), false);
    assert.equal(isConflict(error(409, 'Conflict')), true);
    assert.equal(isNotFound(error(410, 'Expired')), false);
    assert.equal(isExpired(error(410, 'Gone')), true);
  });

  it('uses no timer of its own: with a clock that stands still nothing times out', async () => {
    suite.server.next(stream(['{"metadata":', '{"name":"a"}}'], 'close'));
    const clock = fakeClock();
    const { client } = suite.connect({ clock });
    assert.equal((await client.get(ref))?.metadata.name, 'a');
    assert.equal(clock.pending, 0);
  });
});
