import assert from 'node:assert/strict';
import { answer, stream } from '../../test/support/faulty-server.ts';
import { collectEvents, faultyServer, isApiError, status } from '../../test/support/http-client.ts';
import { configMap } from '../../test/support/scripted-client.ts';
import type { ObjectRef } from '../api/object.ts';
import { ConfigMap } from '../api/resources.ts';
import type { WatchEvent } from './client.ts';
import { isExpired } from './errors.ts';

const ref: ObjectRef = { resource: ConfigMap, namespace: 'ns', name: 'a' };
const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

describe('a watch over HTTP', () => {
  const suite = faultyServer();
  const added = (name: string): string => line('ADDED', configMap(name, '1', { data: { text: 'größer 🐘' } }));

  it('asks for bookmarks, and for WatchList with NotOlderThan', async () => {
    suite.server.next(stream([], 'close'));
    const { client } = suite.connect();
    await collectEvents(
      client.watch(ConfigMap, { namespace: 'ns', resourceVersion: '7', timeoutSeconds: 300, metadataOnly: true }),
    );
    await collectEvents(client.watch(ConfigMap, { sendInitialEvents: true, fieldSelector: 'metadata.name=a' }));
    assert.deepEqual(
      suite.server.requests.map(({ url }) => url.pathname + url.search),
      [
        '/api/v1/namespaces/ns/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300',
        '/api/v1/configmaps?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&fieldSelector=metadata.name%3Da',
      ],
    );
    assert.match(suite.server.requests[0]?.headers.accept ?? '', /as=PartialObjectMetadata;/);
  });

  it('is one stream of events wherever the bytes are cut', async () => {
    const bytes = Buffer.from(added('a') + added('b'));
    const cuts = [0, 60, ...[...bytes.keys()].filter((index) => (bytes[index]! & 0xc0) === 0x80), bytes.length];
    suite.server.next(
      stream(
        cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end)),
        'close',
      ),
    );
    const events = await collectEvents(suite.connect().client.watch(ConfigMap, {}));
    assert.deepEqual(
      events.map(({ object }) => object['data']),
      [{ text: 'größer 🐘' }, { text: 'größer 🐘' }],
    );
  });

  it('takes an object of three megabytes', async () => {
    const big = configMap('big', '1', { data: { text: 'ü'.repeat(1_500_000) } });
    suite.server.next(stream([line('ADDED', big)], 'close'));
    assert.deepEqual((await collectEvents(suite.connect().client.watch(ConfigMap, {})))[0]?.object, big);
  });

  it('hands over the events before a reset in the middle of a line, then fails', async () => {
    suite.server.next(stream([added('a'), added('b').slice(0, 40)], 'reset'));
    const events: WatchEvent[] = [];
    await assert.rejects(
      collectEvents(suite.connect().client.watch(ConfigMap, {}), events),
      isApiError({ code: 0, reason: 'Unreachable' }),
    );
    assert.deepEqual(
      events.map(({ object }) => object.metadata.name),
      ['a'],
    );
  });

  it('fails when it is closed in the middle of a line', async () => {
    suite.server.next(stream([added('a').slice(0, 40)], 'close'));
    await assert.rejects(collectEvents(suite.connect().client.watch(ConfigMap, {})), /middle of a line/);
  });

  it('fails on 410 as the HTTP status before the first event', async () => {
    suite.server.next(answer(410, status(410, 'Expired', 'too old resource version')));
    await assert.rejects(collectEvents(suite.connect().client.watch(ConfigMap, { resourceVersion: '1' })), isExpired);
  });

  it('passes an ERROR event on and ends', async () => {
    const expired = status(410, 'Expired', 'too old');
    suite.server.next(stream([added('a'), line('ERROR', expired), added('b')]));
    const events = await collectEvents(suite.connect().client.watch(ConfigMap, {}));
    assert.deepEqual(
      events.map(({ type }) => type),
      ['ADDED', 'ERROR'],
    );
    assert.deepEqual(events[1]?.object, expired);
  });

  for (const [what, text] of [
    ['no JSON', '<html>\n'],
    ['no event', '{"items":[]}\n'],
    ['an unknown type', line('SYNC', {})],
    ['null', 'null\n'],
  ] as const) {
    it(`fails on a line that is ${what}`, async () => {
      suite.server.next(stream([added('a'), text]));
      await assert.rejects(
        collectEvents(suite.connect().client.watch(ConfigMap, {})),
        isApiError({ reason: 'BadStream' }),
      );
    });
  }

  it('is cut when it stays silent: half-open connections look like quiet clusters', async () => {
    suite.server.next(stream([added('a')]));
    const { client } = suite.connect({ watchSilenceMilliseconds: 40 });
    const events: WatchEvent[] = [];
    await assert.rejects(
      collectEvents(client.watch(ConfigMap, {}), events),
      isApiError({ code: 0, reason: 'Timeout' }, /silent/),
    );
    assert.equal(events.length, 1);
  });

  it('is not cut while bytes arrive, be it slowly, and outlives the limit for requests', async () => {
    suite.server.next(
      stream(
        Array.from({ length: 40 }, () => added('a')),
        'close',
      ),
    );
    const { client } = suite.connect({ watchSilenceMilliseconds: 60, requestMilliseconds: 50 });
    assert.equal((await collectEvents(client.watch(ConfigMap, {}))).length, 40);
  });

  it('is not cut because its consumer is slow', async () => {
    suite.server.next(stream([added('a'), added('b')], 'close'));
    const { client } = suite.connect({ watchSilenceMilliseconds: 30 });
    let count = 0;
    for await (const event of client.watch(ConfigMap, {})) {
      assert.equal(event.type, 'ADDED');
      count += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(count, 2);
  });

  it('ends with its caller’s signal, and its connection with its consumer', async () => {
    const { client, records } = suite.connect();
    const mine = new AbortController();
    let closed = 0;
    suite.server.next((response, request, socket) => {
      socket.on('close', () => (closed += 1));
      stream([added('a')])(response, request, socket);
    });
    setTimeout(() => mine.abort(), 20);
    await assert.rejects(
      collectEvents(client.watch(ConfigMap, { signal: mine.signal })),
      isApiError({ reason: 'Aborted' }),
    );
    const leaving = client.watch(ConfigMap, {})[Symbol.asyncIterator]();
    await leaving.next();
    await leaving.return?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(closed, 2);
    assert.deepEqual(
      records.map(({ verb, code }) => [verb, code]),
      [
        ['watch', 200],
        ['watch', 200],
      ],
    );
  });

  it('does not hold a connection that others could use: two watches and a get run at once', async () => {
    suite.server.next(stream([added('a')]), stream([added('a')]), answer(200, configMap('a', '1')));
    const { client } = suite.connect();
    const watches = [client.watch(ConfigMap, {}), client.watch(ConfigMap, {})].map((watch) =>
      watch[Symbol.asyncIterator](),
    );
    for (const watch of watches) await watch.next();
    assert.equal((await client.get(ref))?.metadata.name, 'a');
    for (const watch of watches) await watch.return?.();
  });
});
