/** What the API server meets over time: certificates that change, connections that it pools, probes in every state. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import request from 'supertest';
import { makeCertificate } from '../../test/support/certificates.ts';
import { dial, rawPost, reviewOf, startTestServer, type TestServer } from '../../test/support/webhook-server.ts';
import { createMetrics } from '../observe/metrics.ts';
import type { Issued } from './issuer.ts';
import { webhookLimits } from './https.ts';
import { createOperations } from './operations.ts';
import { selfCheck } from './self-check.ts';

const day = 86_400_000;

async function ask(socket: TLSSocket, uid: string): Promise<void> {
  socket.write(rawPost('/validate', reviewOf(uid)));
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  assert.match(chunk.toString(), new RegExp(`"uid":"${uid}"`));
}

describe('on the wire', function () {
  this.timeout(10_000);
  let pairs: readonly Issued[];
  const servers: TestServer[] = [];
  const start = async (options: Parameters<typeof startTestServer>[0]): Promise<TestServer> => {
    const server = await startTestServer(options);
    servers.push(server);
    return server;
  };

  before(async () => (pairs = await Promise.all([makeCertificate(), makeCertificate()])));
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  it('renew-under-load: no request fails while certificates change', async () => {
    const server = await start({ pair: pairs[0]!.leaf });
    const state = { ended: false, answered: 0 };
    const pooled = async (name: string): Promise<void> => {
      const socket = await dial(server.port);
      for (let turn = 0; !state.ended; turn++, state.answered++) await ask(socket, `${name}-${turn}`);
      socket.destroy();
    };
    const fresh = async (name: string): Promise<void> => {
      for (let turn = 0; !state.ended; turn++, state.answered++) {
        const socket = await dial(server.port);
        await ask(socket, `${name}-${turn}`);
        socket.destroy();
      }
    };
    const load = Promise.all([pooled('a'), pooled('b'), fresh('c'), fresh('d')]);
    for (let turn = 1; turn <= 10; turn++) {
      await delay(30);
      assert.ok(server.source.offer(pairs[turn % 2]!.leaf));
    }
    state.ended = true;
    await load;
    assert.ok(state.answered > 50, `${state.answered} answers`);
  });

  /** The API server keeps idle connections for 90 s; here 90 ms, and the webhook's own time is shortened alike. */
  it('keepalive-90s-race: a pooled connection is never closed under a request', async () => {
    assert.ok(webhookLimits.keepAliveTimeout >= 95_000);
    const keepAliveTimeout = Math.round(webhookLimits.keepAliveTimeout / 1000);
    const server = await start({ pair: pairs[0]!.leaf, limits: { keepAliveTimeout } });
    const sockets = await Promise.all(Array.from({ length: 12 }, () => dial(server.port)));
    const forgotten = await dial(server.port);
    await ask(forgotten, 'forgotten');
    const reused = sockets.map(async (socket, index) => {
      for (let turn = 0; turn < 8; turn++) {
        await ask(socket, `${index}-${turn}`);
        await delay(70 + ((index * 7 + turn * 3) % 20));
      }
      socket.destroy();
    });
    await Promise.all([...reused, once(forgotten, 'close')]);
  });

  describe('probes', () => {
    const states: readonly (readonly [what: string, now: number | undefined, draining: boolean, ready: number])[] = [
      ['serving', Date.now(), false, 200],
      ['without a certificate', undefined, false, 503],
      ['expired-not-ready: with an expired certificate', Date.now() - 6 * day, false, 503],
      ['draining', Date.now(), true, 503],
    ];
    for (const [what, now, draining, ready] of states) {
      it(`probe-matrix: ${what}: alive, and /readyz is ${ready}`, async () => {
        const pair = now === undefined ? undefined : (await makeCertificate({ now })).leaf;
        const server = await start(pair === undefined ? {} : { pair });
        if (draining) void server.drain.begin();
        const probes = createServer(operationsOf(server));
        for (const path of ['/healthz', '/livez']) assert.equal((await request(probes).get(path)).status, 200);
        const answer = await request(probes).get('/readyz');
        assert.equal(answer.status, ready, answer.text);
      });
    }
  });
});

/** The readiness of the process: what ports.ts puts together. */
function operationsOf({ source, port, drain }: TestServer): RequestListener {
  return createOperations({
    metrics: createMetrics({ version: 'test' }),
    readiness: {
      draining: () => (drain.draining ? 'this process is going away' : undefined),
      certificate: () => selfCheck({ source, port: () => port, host: 'localhost' }),
    },
  });
}
