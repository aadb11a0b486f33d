import assert from 'node:assert/strict';
import type { MemberAddress } from '../engine.ts';
import type { Connection, Row } from './connection.ts';
import { postgresqlTopology } from './topology.ts';
import { podOf, readView, viewStatement, type ViewRow } from './view.ts';

const address = (pod = 'orders-1'): MemberAddress => ({
  pod,
  host: '10.0.0.7',
  port: 5432,
  superuserPassword: 'secret',
  replicationPassword: 'other',
  timeoutMs: 1000,
});

/** A server that answers as the table says: the first entry whose text is in the statement. */
function server(version: number, answers: readonly (readonly [string, Row | Error])[]) {
  const asked: string[] = [];
  const open = (): Connection => ({
    version: () => Promise.resolve(version),
    ask: (statement, values = []) => {
      asked.push([statement.trim(), ...values].join(' ← '));
      const answer = answers.find(([part]) => statement.includes(part))?.[1];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer === undefined ? [] : [answer]);
    },
    close: () => undefined,
  });
  return { asked, member: postgresqlTopology(open).connect(address()) };
}

const conninfo = 'host=orders-0.orders-headless port=5432 user=x application_name=orders-1';
const standby: ViewRow = {
  standby: true,
  timeline: '00000002',
  history: '1\t0/3000000\tno recovery target specified\n',
  lsn: '0/3000100',
  read: true,
  started: '2026-11-21 10:00:00+00',
  source: conninfo,
  connected: conninfo,
  status: 'streaming',
  silent: 0.4,
  replayed: true,
  since: 3600,
  broken: null,
};
const position = '2/0/3000100;1@0/3000000';

describe('the view of a PostgreSQL server', () => {
  for (const [what, change, expected] of [
    ['a standby in step', {}, { follows: 'orders-0', streaming: true, lagSeconds: 0 }],
    [
      'one that has not replayed all',
      { replayed: false, since: 7 },
      { follows: 'orders-0', streaming: true, lagSeconds: 7 },
    ],
    ['one whose sender is silent', { silent: 6 }, { follows: 'orders-0', streaming: false, lagSeconds: 3600 }],
    [
      'one without a receiver',
      { connected: null, status: null, silent: null },
      { follows: 'orders-0', streaming: false, lagSeconds: 3600 },
    ],
    [
      'one that was pointed elsewhere and still streams from the old one',
      { source: conninfo.replace('orders-0.', 'orders-2.') },
      { follows: 'orders-2', streaming: false, lagSeconds: 3600 },
    ],
    ['one that follows nobody', { source: '', connected: null, status: null, since: null }, { streaming: false }],
    [
      'one that is stuck',
      { status: null, since: 60, broken: 'the log is gone\n' },
      { follows: 'orders-0', streaming: false, lagSeconds: 60, broken: 'the log is gone' },
    ],
    ['one that got over it', { broken: 'old news' }, { follows: 'orders-0', streaming: true, lagSeconds: 0 }],
  ] as const) {
    it(`tells of ${what}`, () => {
      assert.deepEqual(readView({ ...standby, ...change }), { writable: false, position, ...expected });
    });
  }

  it('tells of a primary', () => {
    assert.deepEqual(readView({ ...standby, standby: false }), { writable: true, streaming: false, position });
  });

  it('is not made up for a server without a log', () => {
    assert.throws(() => readView({ ...standby, timeline: null }), /not a timeline/);
  });

  it('asks older servers for what they have', () => {
    assert.doesNotMatch(viewStatement(110000), /primary_conninfo/);
    assert.doesNotMatch(viewStatement(100000), /\/broken/);
  });

  it('finds the pod in a connection string, in the form of recovery.conf, too', () => {
    assert.equal(podOf(conninfo), 'orders-0');
    assert.equal(podOf(`standby_mode = on\nprimary_conninfo = '${conninfo}'\n`), 'orders-0');
    assert.equal(podOf('user=x dbname=y hostaddr=10.0.0.1'), undefined);
  });
});

describe('the driver of PostgreSQL', () => {
  it('takes no position for final while a server still reads its own log, and remembers that it has', async () => {
    const row = { ...standby, read: false };
    const { member } = server(170000, [['WITH log', row]]);
    await assert.rejects(member.view(), /orders-1 still reads the log/);
    const answers: [string, Row][] = [['WITH log', standby as unknown as Row]];
    const later = server(170000, answers);
    await later.member.view();
    answers[0] = ['WITH log', row];
    assert.equal((await later.member.view()).position, position);
    answers[0] = ['WITH log', { ...row, started: 'later' }];
    await assert.rejects(later.member.view(), /still reads the log/);
  });

  it('promotes a standby, with slots for the others first and a checkpoint after', async () => {
    const { member, asked } = server(170000, [
      ['AS standby', { standby: true }],
      ['pg_promote', { done: true }],
    ]);
    await member.promote();
    assert.match(asked[1] ?? '', /pg_create_physical_replication_slot[^]*← orders-1$/);
    assert.match(asked[2] ?? '', /pg_promote\(true, 7\)/);
    assert.equal(asked[3], 'CHECKPOINT');
  });

  it('does nothing to a server that takes writes already', async () => {
    const { member, asked } = server(170000, [['AS standby', { standby: false }]]);
    await member.promote();
    assert.equal(asked.length, 1);
  });

  it('rejects when the server did not become writable in time', async () => {
    const answers = [
      ['AS standby', { standby: true }],
      ['pg_promote', { done: false }],
    ] as const;
    await assert.rejects(server(170000, answers).member.promote(), /not yet writable/);
  });

  const source = (change: Row): readonly (readonly [string, Row])[] => [
    ['AS led', { standby: true, source: conninfo, led: false, change: 'ALTER SYSTEM …', ...change }],
  ];

  for (const [what, version, row, last] of [
    ['at once', 170000, {}, 'SELECT pg_reload_conf()'],
    ['through the boot script when its data was a primary’s', 170000, { led: true }, "COPY (SELECT 'orders-2') TO"],
    ['through the boot script when that takes a restart', 120000, {}, "COPY (SELECT 'orders-2') TO"],
  ] as const) {
    it(`points a standby ${what}`, async () => {
      const { member, asked } = server(version, source(row));
      await member.follow(address('orders-2'));
      assert.equal(asked.at(-1)?.slice(0, last.length), last);
    });
  }

  it('does nothing to a standby that follows the primary already', async () => {
    const { member, asked } = server(170000, source({}));
    await member.follow(address('orders-0'));
    assert.equal(asked.length, 1);
  });

  for (const [what, row, pod, error] of [
    ['a server that takes writes', { standby: false }, 'orders-2', /has to be restarted/],
    ['a server that something else started', { change: null }, 'orders-2', /does not know how to reach others/],
    ['anything to what is no pod', {}, "x'; DROP", /not the name of a pod/],
  ] as const) {
    it(`does not point ${what}`, async () => {
      const { member, asked } = server(170000, source(row));
      await assert.rejects(member.follow(address(pod)), error);
      assert.ok(asked.length <= 1);
    });
  }
});

describe('the connection to a PostgreSQL server', () => {
  it('says when nobody listens, in a form that others recognise, and never the password', async () => {
    const member = postgresqlTopology().connect({ ...address(), host: '127.0.0.1', port: 1 });
    await assert.rejects(member.view(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ECONNREFUSED');
      assert.ok(!String(error.stack).includes('secret'));
      return true;
    });
    member.close();
  });
});
