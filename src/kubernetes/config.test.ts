import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { loadConnection } from './config.ts';
import type { Connection } from './connection.ts';
import { rereading } from './rereading.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const kubeconfig = (user: string, cluster = ''): string => `
apiVersion: v1
kind: Config
current-context: here
contexts: [{ name: here, context: { cluster: c, user: u, namespace: team } }, { name: there, context: { cluster: c, user: nobody } }]
clusters: [{ name: c, cluster: { server: 'https://10.0.0.1:6443/', certificate-authority-data: ${base64('CA')}${cluster} } }]
users: [{ name: u, user: ${user} }]
`;

describe('connection to the API server', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'kubeconfig-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  const load = async (
    env: Record<string, string>,
    rest: { kubeconfig?: string; context?: string } = {},
    clock = fakeClock(),
  ) => loadConnection({ clock, env, serviceAccountDirectory: path.join(directory, 'sa'), ...rest });
  const serviceAccount = async (token: string): Promise<void> => {
    await write('sa/token', `${token}\n`);
    await write('sa/ca.crt', 'CA');
    await write('sa/namespace', 'database-system\n');
  };
  const inCluster = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

  describe('is chosen', () => {
    it('as nothing where there is nothing', async () => {
      assert.equal(await load({ HOME: directory }), undefined);
    });

    it('in the order --kubeconfig, KUBECONFIG, ServiceAccount, ~/.kube/config', async () => {
      const flag = await write('flag', kubeconfig('{ token: flag }'));
      const variable = await write('variable', kubeconfig('{ token: variable }'));
      await write('.kube/config', kubeconfig('{ token: home }'));
      await serviceAccount('mounted');
      const env = { HOME: directory, KUBECONFIG: variable, ...inCluster };
      const tokens: unknown[] = [];
      for (const [environment, rest] of [
        [env, { kubeconfig: flag }],
        [env, {}],
        [{ HOME: directory, ...inCluster }, {}],
        [{ HOME: directory }, {}],
      ] as const) {
        tokens.push((await (await load(environment, rest))?.credentials())?.authorization);
      }
      assert.deepEqual(tokens, ['Bearer flag', 'Bearer variable', 'Bearer mounted', 'Bearer home']);
    });

    it('as an error, not as the next in line, when the one named is not there', async () => {
      await serviceAccount('mounted');
      await assert.rejects(
        load(inCluster, { kubeconfig: path.join(directory, 'none') }),
        /can't be read; check --kubeconfig/,
      );
      await assert.rejects(load({ ...inCluster, KUBECONFIG: path.join(directory, 'none') }), /KUBECONFIG/);
    });
  });

  describe('in a pod', () => {
    it('has the address, namespace, CA and token of the ServiceAccount', async () => {
      await serviceAccount('t1');
      const connection = await load(inCluster);
      assert.equal(connection?.server, 'https://10.0.0.1:443');
      assert.equal(connection.namespace, 'database-system');
      assert.deepEqual(await connection.credentials(), { ca: 'CA', authorization: 'Bearer t1' });
    });

    it('puts an IPv6 address in brackets', async () => {
      await serviceAccount('t1');
      assert.equal((await load({ ...inCluster, KUBERNETES_SERVICE_HOST: 'fd00::1' }))?.server, 'https://[fd00::1]:443');
    });

    it('reads token and CA again after a minute, or at once when asked', async () => {
      const clock = fakeClock();
      await serviceAccount('t1');
      const connection = (await load(inCluster, {}, clock))!;
      const token = async (fresh = false) => (await connection.credentials({ fresh })).authorization;
      assert.equal(await token(), 'Bearer t1');
      await serviceAccount('t2');
      assert.equal(await token(), 'Bearer t1');
      await clock.advance(60_000);
      assert.equal(await token(), 'Bearer t2');
      await serviceAccount('t3');
      assert.equal(await token(true), 'Bearer t3');
    });
  });

  describe('rereading', () => {
    it('serves the last known value while a read fails, but not when a fresh one was asked for', async () => {
      const clock = fakeClock();
      const reads = [
        Promise.resolve({ authorization: 'a' }),
        Promise.reject(new Error('gone')),
        Promise.reject(new Error('gone')),
      ];
      for (const read of reads) read.catch(() => undefined);
      const credentials = rereading(clock, () => reads.shift()!);
      await credentials();
      await clock.advance(60_000);
      assert.deepEqual(await credentials(), { authorization: 'a' });
      await assert.rejects(credentials({ fresh: true }), /gone/);
    });

    it('reads once for calls at the same time', async () => {
      let count = 0;
      const credentials = rereading(fakeClock(), () => Promise.resolve({ authorization: String((count += 1)) }));
      await Promise.all([credentials(), credentials(), credentials()]);
      assert.equal(count, 1);
    });
  });

  describe('of a kubeconfig', () => {
    const connect = async (user: string, cluster = ''): Promise<Connection> =>
      (await load({}, { kubeconfig: await write('config', kubeconfig(user, cluster)) }))!;

    it('has server, namespace and client certificate', async () => {
      const connection = await connect(
        `{ client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')} }`,
      );
      assert.equal(connection.server, 'https://10.0.0.1:6443');
      assert.equal(connection.namespace, 'team');
      assert.deepEqual(await connection.credentials(), { ca: 'CA', cert: 'CERT', key: 'KEY' });
    });

    it('resolves files relative to itself and reads them again', async () => {
      await write('pki/cert.pem', 'FILE-CERT');
      await write('token', 'from-file\n');
      const connection = await connect('{ client-certificate: pki/cert.pem, tokenFile: ./token, token: ignored }');
      assert.deepEqual(await connection.credentials(), {
        ca: 'CA',
        cert: 'FILE-CERT',
        authorization: 'Bearer from-file',
      });
      await write('token', 'rotated');
      assert.equal((await connection.credentials({ fresh: true })).authorization, 'Bearer rotated');
    });

    it('knows passwords, impersonation, server name, proxy and insecure', async () => {
      const connection = await connect(
        '{ username: u, password: p, as: alice }',
        ", tls-server-name: kube, insecure-skip-tls-verify: true, proxy-url: 'http://proxy:1'",
      );
      assert.equal(connection.proxyUrl, 'http://proxy:1');
      assert.deepEqual(await connection.credentials(), {
        ca: 'CA',
        servername: 'kube',
        insecure: true,
        authorization: `Basic ${base64('u:p')}`,
        headers: { 'Impersonate-User': 'alice' },
      });
    });

    it('takes the context asked for; a context without user has no credentials', async () => {
      const file = await write('config', kubeconfig('{ token: t }'));
      const connection = await load({}, { kubeconfig: file, context: 'there' });
      assert.deepEqual(await connection?.credentials(), { ca: 'CA' });
    });

    it('merges several files: the first that has a name wins', async () => {
      const first = await write('first', 'current-context: here\nusers: [{ name: u, user: { token: first } }]');
      const second = await write('second', kubeconfig('{ token: second }'));
      const connection = await load({ KUBECONFIG: [first, '', second].join(path.delimiter) });
      assert.equal((await connection?.credentials())?.authorization, 'Bearer first');
    });

    it('runs exec plugins, relative to itself, and again when asked for fresh credentials', async function () {
      this.timeout(20_000);
      const credential = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"';
      const plugin = await write(
        'plugin.sh',
        `#!/bin/sh\necho x >> ${directory}/runs\necho '${credential}'$(wc -l < ${directory}/runs)'"}}'\n`,
      );
      await chmod(plugin, 0o755);
      const connection = await connect(
        '{ exec: { apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh, interactiveMode: Never } }',
      );
      assert.deepEqual(await connection.credentials(), { ca: 'CA', authorization: 'Bearer 1', headers: {} });
      assert.equal((await connection.credentials({ fresh: true })).authorization, 'Bearer 2');
    });

    const broken: Record<string, readonly [string, RegExp]> = {
      'no current-context': ['clusters: []', /no current-context; set it with kubectl config use-context/],
      'an unknown context': ['current-context: x', /no context "x"/],
      'a cluster without server': [
        'current-context: x\ncontexts: [{ name: x, context: { cluster: c } }]\nclusters: [{ name: c }]',
        /context "x" names a cluster without a server/,
      ],
      'an empty file': ['', /empty or not a mapping/],
    };
    for (const [what, [text, message]] of Object.entries(broken)) {
      it(`with ${what} is refused with what to do`, async () => {
        await assert.rejects(load({}, { kubeconfig: await write('config', text) }), message);
      });
    }

    it('that is no YAML is refused without quoting it', async () => {
      const file = await write('config', 'users: [{ token: very-secret');
      await assert.rejects(load({}, { kubeconfig: file }), (error: Error) => {
        assert.match(error.message, /not valid YAML/);
        assert.doesNotMatch(`${error.message}${String(error.cause)}`, /very-secret/);
        return true;
      });
    });
  });
});
