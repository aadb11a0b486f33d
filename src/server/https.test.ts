import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { makeCertificate } from '../../test/support/certificates.ts';
import {
  dial,
  rawPost,
  readAll,
  reviewOf,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../../test/support/webhook-server.ts';
import type { Issued } from './issuer.ts';
import { webhookLimits } from './https.ts';

const day = 86_400_000;
const fast = { headersTimeout: 200, requestTimeout: 200, handshakeTimeout: 200, connectionsCheckingInterval: 50 };

describe('HTTPS', () => {
  let issued: Issued;
  let server: TestServer | undefined;
  const start = async (options: TestServerOptions = {}): Promise<TestServer> =>
    (server = await startTestServer({ pair: issued.leaf, ...options }));
  const fingerprint = (socket: TLSSocket): string => socket.getPeerX509Certificate()?.fingerprint256 ?? '';
  const response = async (socket: TLSSocket): Promise<string> => {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return chunk.toString();
  };

  before(async () => (issued = await makeCertificate()));
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it('answers over TLS 1.3 to a client that trusts the CA', async () => {
    const { port } = await start();
    const socket = await dial(port, { ca: issued.ca.cert, rejectUnauthorized: true, servername: 'localhost' });
    assert.equal(socket.getProtocol(), 'TLSv1.3');
    socket.write(rawPost('/validate', reviewOf('u1'), { connection: 'close' }));
    assert.match(await readAll(socket), /"uid":"u1"/);
  });

  it('min-version: refuses TLS 1.2 unless it is allowed', async () => {
    const { port } = await start();
    await assert.rejects(dial(port, { maxVersion: 'TLSv1.2' }), /alert protocol version/);
    await server!.close();
    const older = await start({ minVersion: 'TLSv1.2' });
    const socket = await dial(older.port, { maxVersion: 'TLSv1.2' });
    assert.equal(socket.getProtocol(), 'TLSv1.2');
    socket.destroy();
    await assert.rejects(dial(older.port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }));
  });

  it('never speaks HTTP/2', async () => {
    const { port } = await start();
    const socket = await dial(port, { ALPNProtocols: ['h2', 'http/1.1'] });
    assert.equal(socket.alpnProtocol, 'http/1.1');
    socket.destroy();
  });

  it('shows a new certificate from the next handshake on and keeps open connections', async () => {
    const { port, source } = await start();
    const old = await dial(port);
    const renewed = await makeCertificate();
    assert.ok(source.offer(renewed.leaf));
    const fresh = await dial(port);
    assert.notEqual(fingerprint(old), fingerprint(fresh));
    assert.equal(fingerprint(fresh), source.current()?.fingerprint);
    old.write(rawPost('/validate', reviewOf('kept')));
    assert.match(await response(old), /"uid":"kept"/);
    for (const socket of [old, fresh]) socket.destroy();
  });

  it('keeps the minimum version after a reload', async () => {
    const { port, source } = await start();
    source.offer((await makeCertificate()).leaf);
    await assert.rejects(dial(port, { maxVersion: 'TLSv1.2' }), /alert protocol version/);
  });

  it('fails every handshake without a certificate, and works once there is one', async () => {
    const { port, source } = await startTestServer({}).then((made) => (server = made));
    await assert.rejects(dial(port));
    source.offer(issued.leaf);
    (await dial(port)).destroy();
  });

  it('does not serve an expired certificate', async () => {
    const expired = await makeCertificate({ now: Date.now() - 6 * day });
    const { port, source } = await startTestServer({ pair: expired.leaf }).then((made) => (server = made));
    assert.match(source.problem() ?? '', /expired/);
    await assert.rejects(dial(port));
  });

  it('keeps idle connections for longer than the API server pools them', async () => {
    assert.ok(webhookLimits.keepAliveTimeout > 90_000);
    const { port } = await start();
    const socket = await dial(port);
    socket.write(rawPost('/validate', reviewOf('u')));
    assert.match(await response(socket), /Keep-Alive: timeout=120/i);
    socket.destroy();
  });

  it('slow-body-cut: a client that sends its body byte by byte', async () => {
    assert.ok(webhookLimits.requestTimeout + webhookLimits.connectionsCheckingInterval <= 15_000);
    const { port } = await start({ limits: fast });
    const socket = await dial(port);
    const text = rawPost('/validate', reviewOf('slow'));
    const end = text.indexOf('{');
    socket.write(text.slice(0, end));
    let at = end;
    const drip = setInterval(() => socket.write(text.slice(at, ++at)), 20);
    const answer = await readAll(socket);
    clearInterval(drip);
    assert.match(answer, /^HTTP\/1\.1 408/);
  });

  it('cuts a client that sends no request at all', async () => {
    const { port } = await start({ limits: fast });
    const started = Date.now();
    await readAll(await dial(port));
    assert.ok(Date.now() - started < 1500);
  });

  it('idle-sockets: answers while a thousand of them say nothing', async function () {
    this.timeout(20_000);
    const { port } = await start();
    const idle: TLSSocket[] = [];
    for (let batch = 0; batch < 20; batch++) {
      idle.push(...(await Promise.all(Array.from({ length: 50 }, () => dial(port)))));
    }
    const socket = await dial(port);
    socket.write(rawPost('/validate', reviewOf('through')));
    assert.match(await response(socket), /"uid":"through"/);
    for (const each of [...idle, socket]) each.destroy();
  });

  it('drops connections beyond the most', async () => {
    const { port } = await start({ limits: { maxConnections: 2 } });
    const sockets = [await dial(port), await dial(port)];
    await assert.rejects(dial(port));
    for (const socket of sockets) socket.destroy();
  });
});
