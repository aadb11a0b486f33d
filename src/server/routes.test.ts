import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { allowAll, reviewOf } from '../../test/support/webhook-server.ts';
import { noFacts } from '../admission/facts.ts';
import { createLogger, silentLogger, type Logger } from '../observe/logger.ts';
import { createMetrics, type Metrics } from '../observe/metrics.ts';
import { systemClock } from '../composition/clock.ts';
import type { AdmissionHandler } from './admission-handler.ts';
import { bodyLimit } from './body.ts';
import { createDrain, type Drain } from './drain.ts';
import { createReviewHandler } from './review-handler.ts';
import { createRoutes } from './routes.ts';

interface Setup {
  readonly server: Server;
  readonly metrics: Metrics;
  readonly drain: Drain;
}

function setup(handle: AdmissionHandler = allowAll, logger: Logger = silentLogger): Setup {
  const metrics = createMetrics({ version: 'test', webhookPaths: ['/mutate', '/validate'], resources: ['databases'] });
  const drain = createDrain({ clock: systemClock, quiet: 0, longest: 100 });
  const app = createRoutes({ handle, drain, clock: systemClock, logger, metrics: metrics.webhook });
  return { server: createServer(app), metrics, drain };
}

const real = (): AdmissionHandler =>
  createReviewHandler({ clock: systemClock, facts: noFacts, onPanic: () => undefined });

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

async function post(
  server: Server,
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const call = request(server)
    .post(path)
    .set({ 'content-type': 'application/json', ...headers });
  call.serialize((text: unknown) => text as string);
  const { status, type, headers: got, text } = await call.send(body);
  return { status, type, headers: got, text };
}

/** Whatever was wrong: JSON, no page, no stack, nothing of the machine. */
function assertClean({ type, text }: Answer): void {
  assert.equal(type, 'application/json');
  const status = JSON.parse(text) as { kind: string };
  assert.ok(['Status', 'AdmissionReview'].includes(status.kind), text);
  assert.doesNotMatch(text, /<html|<pre|\bat .*:\d+:\d+|node_modules/i);
}

const deep = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
const create = (spec: unknown): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: 'example.com', version: 'v1', kind: 'Database' },
      resource: { group: 'example.com', version: 'v1', resource: 'databases' },
      operation: 'CREATE',
      name: 'orders',
      namespace: 'shop',
      userInfo: { username: 'ann' },
      object: { apiVersion: 'example.com/v1', kind: 'Database', metadata: { name: 'orders', namespace: 'shop' }, spec },
    },
  });

describe('routes', () => {
  for (const path of ['/mutate', '/validate', '/mutate/databases', '/validate/redisclusters']) {
    it(`answers ${path}`, async () => {
      const answer = await post(setup().server, path, reviewOf('u1'));
      assert.equal(answer.status, 200);
      assert.match(answer.text, /"uid":"u1"/);
    });
  }

  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
    it(`takes ${type}`, async () => {
      assert.equal((await post(setup().server, '/mutate', reviewOf('u'), { 'content-type': type })).status, 200);
    });
  }

  const refused: readonly (readonly [string, number, string | Buffer, Record<string, string>?])[] = [
    ['text/plain', 415, reviewOf('u'), { 'content-type': 'text/plain' }],
    ['another charset', 415, reviewOf('u'), { 'content-type': 'application/json; charset=latin1' }],
    ['YAML', 415, 'kind: AdmissionReview', { 'content-type': 'application/yaml' }],
    ['gzip', 415, gzipSync(reviewOf('u')), { 'content-encoding': 'gzip' }],
    ['an empty body', 400, ''],
    ['truncated JSON', 400, '{"kind":"AdmissionReview","request":{'],
    ['a byte order mark', 400, `\ufeff${reviewOf('u')}`],
    ['bytes that are not UTF-8', 400, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['{}', 400, '{}'],
    ['[]', 400, '[]'],
    ['null', 400, 'null'],
    ['a null request', 400, '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null}'],
    ['ten thousand levels', 400, deep(10_000)],
    ['8mib-413: 8 MiB', 413, Buffer.alloc(8 * 1024 * 1024, 0x20)],
    ['one byte too many', 413, Buffer.alloc(bodyLimit + 1, 0x20)],
    ['20 MiB', 413, Buffer.alloc(20 * 1024 * 1024, 0x20)],
  ];
  for (const [what, status, body, headers] of refused) {
    it(`refuses ${what} with ${status}`, async () => {
      const answer = await post(setup(real()).server, '/validate', body, headers).catch((error: unknown) => {
        // The server does not read tens of megabytes for courtesy: the client may meet a closed door instead of 413.
        assert.equal(status, 413, String(error));
        return undefined;
      });
      if (answer === undefined) return;
      assert.equal(answer.status, status, answer.text);
      assertClean(answer);
    });
  }

  it('counts chunked bodies too', async () => {
    const { server } = setup(real());
    const call = request(server).post('/validate').set('content-type', 'application/json');
    for (let mebibyte = 0; mebibyte < 8; mebibyte++) call.write(Buffer.alloc(1024 * 1024, 0x20));
    const { promise, resolve } = Promise.withResolvers<number>();
    call.end((_error: unknown, response) => {
      resolve(response.status);
    });
    assert.equal(await promise, 413);
  });

  it('takes a body of exactly the limit', async () => {
    const review = reviewOf('big');
    const answer = await post(setup().server, '/mutate', review.padEnd(bodyLimit, ' '));
    assert.equal(answer.status, 200);
  });

  it('serves nothing else', async () => {
    const { server } = setup();
    const missing = await request(server).post('/').send('{}');
    assert.equal(missing.status, 404);
    assert.equal((JSON.parse(missing.text) as { kind: string }).kind, 'Status');
    const wrong = await request(server).get('/validate');
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers['allow'], 'POST');
    assert.equal((await request(server).get('/mutate/%E0%A4%A')).status, 400);
  });

  it('does not tell what it is made of', async () => {
    const { headers } = await post(setup().server, '/validate', reviewOf('u'));
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers['etag'], undefined);
  });

  it('answers a bug with a review that has the uid and code 500, counts it, and lives on', async () => {
    let text = '';
    const logger = createLogger({ level: 'info', destination: { write: (line: string) => void (text += line) } });
    const { server, metrics } = setup(() => {
      throw new Error('password=hunter2');
    }, logger);
    for (const uid of ['u1', 'u2']) {
      const answer = await post(server, '/validate', reviewOf(uid));
      assert.equal(answer.status, 200);
      const { response } = JSON.parse(answer.text) as {
        response: { uid: string; allowed: boolean; status: { code: number } };
      };
      assert.deepEqual([response.uid, response.allowed, response.status.code], [uid, false, 500]);
      assert.ok(!answer.text.includes('hunter2'));
      assertClean(answer);
    }
    assert.match(await metrics.render(), /controller_runtime_webhook_panics_total 2/);
    assert.match(text, /"uid":"u1"/);
  });

  it('answers a rejected promise likewise', async () => {
    const { server } = setup(() => Promise.reject(new Error('boom')));
    assert.match((await post(server, '/mutate', reviewOf('u1'))).text, /"code":500/);
  });

  it('answers a v1beta1 review in kind when it fails', async () => {
    const { server } = setup(() => Promise.reject(new Error('boom')));
    const body = reviewOf('u').replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1');
    assert.match((await post(server, '/mutate', body)).text, /"apiVersion":"admission.k8s.io\/v1beta1"/);
  });

  it('answers just before the time of the caller is up, and aborts the work', async () => {
    let aborted = false;
    const { server, metrics } = setup(
      ({ signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => (aborted = true));
        }),
    );
    const started = Date.now();
    const answer = await post(server, '/validate?timeout=300ms', reviewOf('late'));
    assert.ok(Date.now() - started < 300, 'too late');
    assert.match(answer.text, /"uid":"late".*"code":504/);
    assert.ok(aborted);
    assert.match(await metrics.render(), /database_operator_webhook_overdue_total 1/);
  });

  it('closes connections while draining', async () => {
    const { server, drain } = setup();
    const keep = { connection: 'keep-alive' };
    assert.equal((await post(server, '/validate', reviewOf('u'), keep)).headers['connection'], 'keep-alive');
    void drain.begin();
    const answer = await post(server, '/validate', reviewOf('u'), keep);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['connection'], 'close');
  });

  it('closes a connection whose request began before the drain', async () => {
    const { server, drain } = setup(async (call) => {
      void drain.begin();
      return Promise.resolve(allowAll(call));
    });
    const answer = await post(server, '/validate', reviewOf('u'), { connection: 'keep-alive' });
    assert.equal(answer.headers['connection'], 'close');
  });

  it('refuses a bad Database with its causes, and logs and counts it without its content', async () => {
    let text = '';
    const logger = createLogger({ level: 'info', destination: { write: (line: string) => void (text += line) } });
    const { server, metrics } = setup(real(), logger);
    const answer = await post(
      server,
      '/validate?timeout=5s',
      create({ engine: 'postgresql', version: '17', replicas: 987_654 }),
      {
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    );
    const { response } = JSON.parse(answer.text) as {
      response: { uid: string; status: { code: number; details: { causes: { field: string }[] } } };
    };
    assert.equal(response.uid, 'u-1');
    assert.equal(response.status.code, 422);
    assert.ok(response.status.details.causes.some(({ field }) => field === 'spec.replicas'));
    const line = JSON.parse(text) as Record<string, unknown>;
    assert.equal(line['uid'], 'u-1');
    assert.equal(line['name'], 'orders');
    assert.equal(line['traceId'], '4bf92f3577b34da6a3ce929d0e0e4736');
    assert.ok(!text.includes('spec":') && !text.includes('987654'), text);
    assert.match(
      await metrics.render(),
      /admission_decisions_total\{operation="CREATE",resource="databases",allowed="false",dry_run="false"\} 1/,
    );
  });

  it('mutates a good one', async () => {
    const spec = { engine: 'postgresql', version: '17', storage: { size: '1Gi' } };
    assert.match((await post(setup(real()).server, '/mutate', create(spec))).text, /"allowed":true/);
  });
});
