import assert from 'node:assert/strict';
import { answer, startFaultyServer } from '../../test/support/faulty-server.ts';
import type { FaultyServer } from '../../test/support/faulty-server.ts';
import { realClock } from '../../test/support/real-clock.ts';
import { createAuthority } from '../../tools/control-plane/certificates.ts';
import type { Authority } from '../../tools/control-plane/certificates.ts';
import type { Credentials } from './connection.ts';
import { createTransport } from './transport.ts';
import type { Call, Transport } from './transport.ts';

const call: Call = { method: 'GET', path: '/x', headers: {}, what: 'get x' };

describe('transport over TLS', () => {
  let authority: Authority;
  let server: FaultyServer;
  before(async () => {
    authority = await createAuthority('ours');
    const { certificate, key } = await authority.serving(['kubernetes', '127.0.0.1']);
    server = await startFaultyServer({ cert: certificate, key });
    server.next(answer(200, 'ok'));
  });
  after(() => server.close());

  function connect(initial: Credentials): { transport: Transport; use: (next: Credentials) => void } {
    let credentials = initial;
    const transport = createTransport(
      {
        server: `${server.url}/prefix`,
        namespace: undefined,
        source: 'test',
        credentials: () => Promise.resolve(credentials),
      },
      realClock,
    );
    return { transport, use: (next) => void (credentials = next) };
  }
  const get = async (transport: Transport): Promise<number> => {
    const { code, body } = await transport.send(call, 1000);
    for await (const chunk of body) assert.ok(chunk);
    // The connection goes back to the pool a moment after the last byte.
    await new Promise((resolve) => setImmediate(resolve));
    return code;
  };
  const ports = (): number[] => server.requests.slice(-2).map(({ remotePort = 0 }) => remotePort);

  it('believes its CA only, and no name that is not in the certificate', async () => {
    const { transport, use } = connect({});
    await assert.rejects(get(transport), /get x: no answer from https:.*certificate/);
    use({ ca: authority.certificate, servername: 'elsewhere' });
    await assert.rejects(get(transport), /does not match certificate/);
    use({ ca: authority.certificate, servername: 'kubernetes' });
    assert.equal(await get(transport), 200);
    assert.equal(server.requests.at(-1)?.url.pathname, '/prefix/x');
    transport.close();
  });

  it('connects anew when the CA has been rotated, not before', async () => {
    const { transport, use } = connect({ ca: authority.certificate });
    await get(transport);
    use({ ca: authority.certificate, authorization: 'Bearer rotated' });
    await get(transport);
    assert.equal(new Set(ports()).size, 1, 'a new token needs no new connection');
    use({ ca: `${(await createAuthority('next')).certificate}\n${authority.certificate}` });
    await get(transport);
    assert.equal(new Set(ports()).size, 2);
    use({ ca: (await createAuthority('stranger')).certificate });
    await assert.rejects(
      get(transport),
      /certificate/,
      'no old connection lets a server in that is not trusted any more',
    );
    transport.close();
  });

  it('connects anew when the server has closed its end in between', async () => {
    const { transport } = connect({ ca: authority.certificate });
    server.next(answer(200, 'ok', { connection: 'close' }), answer(200, 'ok'));
    await get(transport);
    await get(transport);
    assert.equal(new Set(ports()).size, 2);
    transport.close();
  });
});
