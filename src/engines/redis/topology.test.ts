import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { memberClient, parseInfo, parseOrigin, topology, viewOf, type Line } from './topology.ts';

const [A, B, none] = ['a', 'b', '0'].map((digit) => digit.repeat(40)) as [string, string, string];
const origin = { self: B, base: '', bornPrimary: false };

/** As Redis 8.0 prints it. */
const replica = (more: Readonly<Record<string, string | number>> = {}): string =>
  Object.entries({
    loading: 0,
    role: 'slave',
    master_host: 'orders-1.orders-headless',
    master_port: 6379,
    master_link_status: 'up',
    master_last_io_seconds_ago: 1,
    master_sync_in_progress: 0,
    master_replid: A,
    master_replid2: none,
    master_repl_offset: 120,
    second_repl_offset: -1,
    ...more,
  })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('');

const view = (more: Readonly<Record<string, string | number>> = {}): ReturnType<typeof viewOf> =>
  viewOf(parseInfo(`# Replication\r\n${replica(more)}`), origin);

describe('what a Redis member says', () => {
  it('of a replica that streams', () => {
    assert.deepEqual(view(), {
      writable: false,
      position: `${A}:120`,
      follows: 'orders-1',
      streaming: true,
      lagSeconds: 0,
    });
  });
  it('of one whose primary has gone silent, though the link looks up', () => {
    const { streaming, lagSeconds } = view({ master_last_io_seconds_ago: 4 });
    assert.deepEqual({ streaming, lagSeconds }, { streaming: false, lagSeconds: 4 });
  });
  it('of one whose link is down', () => {
    const { streaming, lagSeconds } = view({ master_link_status: 'down', master_link_down_since_seconds: 7 });
    assert.deepEqual({ streaming, lagSeconds }, { streaming: false, lagSeconds: 7 });
  });
  it('of one that never had a link: its lag is not known', () => {
    assert.equal('lagSeconds' in view({ master_link_status: 'down', master_link_down_since_seconds: -1 }), false);
  });
  it('of one that follows nobody, or somebody who is no member', () => {
    for (const master_host of ['127.0.0.1', 'orders-1.others-headless', ''])
      assert.equal('follows' in view({ master_host }), false);
  });
  it('of a primary', () => {
    const primary = view({ role: 'master', master_replid2: B, second_repl_offset: 121 });
    assert.deepEqual(primary, { writable: true, streaming: false, position: `${A}:120` });
  });
  it('nothing while it loads its data, has not told where that is from, or talks nonsense', () => {
    assert.throws(() => view({ loading: 1, loading_loaded_perc: '41.20' }), /loading its data, 41.20% done/);
    assert.throws(() => viewOf(parseInfo(replica()), undefined), /starting/);
    for (const garbage of ['', 'x', ':', 'role:', 'role:sentinel\n', '\0\r\n:::']) {
      assert.throws(() => viewOf(parseInfo(garbage), origin), Error);
    }
  });
  it('reads the origin from either shape of the reply', () => {
    const keys = [`self=${B}`, `base=${A}:7`, 'born=replica'];
    const expected = { self: B, base: `${A}:7`, bornPrimary: false };
    assert.deepEqual(parseOrigin(['flags', ['off'], 'keys', keys]), expected);
    assert.deepEqual(parseOrigin(['flags', ['off'], 'keys', keys.map((key) => `~${key}`).join(' ')]), expected);
    for (const reply of [null, undefined, [], {}, 'self=']) assert.equal(parseOrigin(reply), undefined);
  });
});

class Script implements Line {
  readonly sent: string[] = [];
  role: string;
  constructor(role: string) {
    this.role = role;
  }
  ask = (...commands: readonly (readonly string[])[]): Promise<readonly unknown[]> => {
    this.sent.push(...commands.map((command) => command.join(' ')));
    return Promise.resolve(commands.map(() => `role:${this.role}\r\n`));
  };
  close(): void {
    this.sent.push('close');
  }
}

const address = {
  pod: 'orders-2',
  host: '10.0.0.2',
  port: 6379,
  superuserPassword: 'secret',
  replicationPassword: 'r',
  timeoutMs: 200,
};

describe('steering a Redis member', () => {
  it('promotes, and believes it only when the server says so', async () => {
    const primary = new Script('master');
    await memberClient(primary).promote();
    assert.deepEqual(primary.sent, ['REPLICAOF NO ONE', 'INFO replication']);
    await assert.rejects(memberClient(new Script('slave')).promote(), /still a replica/);
  });
  it('follows by a name that outlives the pod', async () => {
    const line = new Script('slave');
    await memberClient(line).follow(address);
    assert.equal(line.sent.at(-1), 'REPLICAOF orders-2.orders-headless 6379');
  });
  it('never makes a primary follow: that would take its writes away', async () => {
    const line = new Script('master');
    await assert.rejects(memberClient(line).follow(address), /takes writes/);
    assert.deepEqual(line.sent, ['INFO replication']);
  });
  it('demotes at once and ends the connections of clients, not those of replicas', async () => {
    const line = new Script('master');
    await memberClient(line).demote?.();
    assert.deepEqual(line.sent.slice(1), [
      'REPLICAOF 127.0.0.1 1',
      'CLIENT KILL TYPE normal SKIPME yes',
      'CLIENT KILL TYPE pubsub',
    ]);
  });
});

describe('the connection to a Redis member', function () {
  this.timeout(5000);
  let server: Server | undefined;
  afterEach(() => server?.close());
  const listen = (reply: string | undefined): Promise<number> =>
    new Promise((done) => {
      server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', () => (reply === undefined ? undefined : socket.write(reply)));
        socket.unref();
      }).listen(0, '127.0.0.1', () => done((server?.address() as AddressInfo).port));
    });
  const failure = async (port: number): Promise<Error & { code?: string }> => {
    const client = topology.connect({ ...address, host: '127.0.0.1', port });
    const error = await client.view().then(
      () => assert.fail('answered'),
      (reason: unknown) => reason as Error,
    );
    client.close();
    return error;
  };

  it('says that nothing listens', async () => {
    const port = await listen('');
    await new Promise((done) => server?.close(done));
    assert.equal((await failure(port)).code, 'ECONNREFUSED');
  });
  it('gives up on a server that is silent, in the time that it was given', async () => {
    const port = await listen(undefined);
    const before = performance.now();
    const error = await failure(port);
    assert.match(`${error.message} ${error.code ?? ''}`, /orders-2: .*(timed? ?out|no answer)/i);
    assert.ok(performance.now() - before < 1000);
  });
  it('never shows a password', async () => {
    const port = await listen('-WRONGPASS invalid username-password pair\r\n');
    const error = await failure(port);
    assert.match(error.message, /WRONGPASS/);
    assert.ok(!inspect(error, { showHidden: true, depth: 9 }).includes('secret'));
  });
});
