import assert from 'node:assert/strict';
import { memberClient, viewOf, withMember, withoutMember, type Command } from './topology.ts';

/** Replies have the shapes of the server's manual (replSetGetStatus, replSetGetConfig, hello); no real server was asked. */
const host = (pod: string): string => `${pod}.orders-headless.shop.svc:27017`;
const optime = (seconds: number): object => ({ ts: { t: seconds, i: 1 }, t: 3 });
const member = (pod: string, state: number, seconds: number, more: object = {}): object => ({
  name: host(pod),
  health: 1,
  state,
  optime: optime(seconds),
  optimeDate: new Date(seconds * 1000),
  ...more,
});
const status = (myState: number, more: object = {}): Parameters<typeof viewOf>[0] => ({
  myState,
  syncSourceHost: myState === 2 ? host('orders-0') : '',
  members: [member('orders-0', 1, 110), member('orders-1', myState, 100, { self: true, ...more })],
});

describe('what a MongoDB member says', () => {
  it('of a secondary', () => {
    assert.deepEqual(viewOf(status(2)), {
      writable: false,
      follows: 'orders-0',
      streaming: true,
      position: '3:100:1',
      lagSeconds: 10,
    });
  });
  it('of a primary', () =>
    assert.deepEqual(viewOf(status(1)), {
      writable: true,
      streaming: false,
      position: '3:100:1',
      voters: ['orders-0', 'orders-1'],
    }));
  it('of one that has fallen off the oplog', () => {
    const view = viewOf(status(3, { infoMessage: 'too stale to catch up' }));
    assert.match(view.broken ?? '', /copy everything anew/);
  });
  it('of one that only recovers, and of garbage', () => {
    assert.equal(viewOf(status(3)).broken, undefined);
    for (const garbage of [{}, { members: 7 }, { members: [{}] }]) {
      assert.deepEqual(viewOf(garbage), { writable: false, streaming: false, position: '' });
    }
  });
});

describe('the members of a MongoDB set', () => {
  const config = { _id: 'orders', version: 4, term: 3, members: [{ _id: 0, host: host('orders-0') }] };
  it('come and go one by one, with ids that rise', () => {
    const grown = withMember(config, 'orders-1');
    assert.deepEqual(grown, {
      ...config,
      version: 5,
      members: [...config.members, { _id: 1, host: host('orders-1') }],
    });
    assert.equal(withMember(grown, 'orders-1'), undefined);
    assert.deepEqual(withoutMember(grown, 'orders-1'), { ...config, version: 6 });
    assert.equal(withoutMember(config, 'orders-7'), undefined);
    assert.throws(() => withMember({}, 'orders-1'), /no member/);
  });
});

describe('steering a MongoDB member', () => {
  const script = (replies: Readonly<Record<string, object>>): { run: Command; sent: object[] } => {
    const sent: object[] = [];
    return {
      sent,
      run: (command) => {
        sent.push(command);
        const reply = replies[Object.keys(command)[0] ?? ''] ?? { ok: 1 };
        return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
      },
    };
  };
  const client = (own: { run: Command }, primary = script({})): ReturnType<typeof memberClient> =>
    memberClient('orders-1', own.run, () => ({ run: primary.run, close: () => undefined }), 3000);
  const config = {
    version: 4,
    members: [
      { _id: 0, host: host('orders-1') },
      { _id: 3, host: host('orders-2') },
    ],
  };
  it('takes a member that is gone out of the set, once', async () => {
    const own = script({ replSetGetConfig: { config } });
    await client(own).retire?.('orders-2');
    await client(own).retire?.('orders-7');
    assert.deepEqual(own.sent, [
      { replSetGetConfig: 1 },
      { replSetReconfig: { version: 5, members: [config.members[0]] }, maxTimeMS: 3000 },
      { replSetGetConfig: 1 },
    ]);
  });
  it('tells how full its volume is, where the server knows', async () => {
    const own = script({ dbStats: { fsUsedSize: 40, fsTotalSize: 100 } });
    assert.deepEqual(await client(own).volume(), { usedBytes: 40, sizeBytes: 100, ageSeconds: 0 });
    assert.equal(await client(script({ dbStats: {} })).volume(), undefined);
  });

  const address = { pod: 'orders-0', host: 'x', port: 1, superuserPassword: '', replicationPassword: '', timeoutMs: 1 };

  it('waits outside the set until it is added', async () => {
    const own = script({ replSetGetStatus: Object.assign(new Error('no config'), { code: 94 }) });
    assert.deepEqual(await client(own).view(), { writable: false, streaming: false, position: '' });
    const other = script({ replSetGetStatus: Object.assign(new Error('auth'), { code: 18 }) });
    await assert.rejects(client(other).view(), /auth/);
  });
  it('is added by the primary, once', async () => {
    const members = [{ _id: 0, host: host('orders-0') }];
    const primary = script({ replSetGetConfig: { config: { version: 1, members } } });
    await client(script({}), primary).follow(address);
    assert.deepEqual(Object.keys(primary.sent.at(-1) ?? {}), ['replSetReconfig', 'maxTimeMS']);
    const known = script({
      replSetGetConfig: { config: { version: 2, members: [{ _id: 1, host: host('orders-1') }] } },
    });
    await client(script({}), known).follow(address);
    assert.equal(known.sent.length, 1);
  });
  it('stands for election only when it is not elected', async () => {
    const elected = script({ hello: { isWritablePrimary: true } });
    await client(elected).promote();
    assert.deepEqual(elected.sent, [{ hello: 1 }]);
    await assert.rejects(client(script({ hello: { isWritablePrimary: false } })).promote(), /election/);
  });
  it('steps down once a secondary has caught up', async () => {
    const own = script({ hello: { isWritablePrimary: true } });
    await client(own).demote?.();
    assert.deepEqual(own.sent.at(-1), { replSetStepDown: 22, secondaryCatchUpPeriodSecs: 2 });
  });
});
