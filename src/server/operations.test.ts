import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import request from 'supertest';
import { makeCertificate } from '../../test/support/certificates.ts';
import { startTestServer } from '../../test/support/webhook-server.ts';
import { createMetrics } from '../observe/metrics.ts';
import { createOperations, type Check } from './operations.ts';
import { selfCheck } from './self-check.ts';

const operations = (readiness: Readonly<Record<string, Check>> = {}): Server =>
  createServer(createOperations({ metrics: createMetrics({ version: 'test' }), readiness }));

describe('operations', () => {
  it('is alive whatever readiness says', async () => {
    const server = operations({ bad: () => 'no' });
    for (const path of ['/healthz', '/livez']) assert.equal((await request(server).get(path)).status, 200);
  });

  it('is ready when every check is fine', async () => {
    const { status, text } = await request(
      operations({ one: () => undefined, two: () => Promise.resolve(undefined) }),
    ).get('/readyz?verbose');
    assert.equal(status, 200);
    assert.equal(text, '[+]one ok\n[+]two ok\nready\n');
  });

  for (const [what, check] of [
    ['says what is wrong', () => 'the disk is full'],
    ['throws', () => Promise.reject(new Error('the disk is full'))],
  ] as const) {
    it(`is not ready when a check ${what}`, async () => {
      const { status, text } = await request(operations({ fine: () => undefined, disk: check })).get('/readyz');
      assert.equal(status, 503);
      assert.match(text, /\[-\]disk: the disk is full/);
    });
  }

  it('shows metrics', async () => {
    const { status, text, headers } = await request(operations()).get('/metrics');
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /^text\/plain/);
    assert.match(text, /database_operator_build_info\{version="test"\} 1/);
  });

  it('serves nothing else', async () => {
    assert.equal((await request(operations()).get('/')).status, 404);
    assert.equal((await request(operations()).post('/metrics')).status, 405);
  });
});

describe('TLS self-check', () => {
  it('finds nothing wrong with the certificate that is served', async () => {
    const server = await startTestServer({ pair: (await makeCertificate()).leaf });
    const check = { source: server.source, host: 'localhost', port: () => server.port };
    assert.equal(await selfCheck(check), undefined);
    await server.close();
  });

  it('tells when another certificate is served than was read', async () => {
    const [server, other] = await Promise.all(
      [1, 2].map(async () => startTestServer({ pair: (await makeCertificate()).leaf })),
    );
    const check = { source: other!.source, host: '127.0.0.1', port: () => server!.port };
    assert.match((await selfCheck(check)) ?? '', /older certificate/);
    await Promise.all([server!.close(), other!.close()]);
  });

  it('tells when there is no certificate, no port, or nobody answers', async () => {
    const server = await startTestServer({});
    const check = { source: server.source, host: '127.0.0.1', port: (): number | undefined => server.port };
    assert.match((await selfCheck(check)) ?? '', /no certificate has been read yet/);
    server.source.offer((await makeCertificate()).leaf);
    assert.match((await selfCheck({ ...check, port: () => undefined })) ?? '', /not open yet/);
    await server.close();
    assert.match((await selfCheck(check)) ?? '', /does not answer/);
  });
});
