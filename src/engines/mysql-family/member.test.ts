/** How members of MySQL and MariaDB are steered, by scripted answers: which statements, in which order, and when not. */
import assert from 'node:assert/strict';
import type { MemberAddress, MemberClient } from '../engine.ts';
import { speech as mariadb } from '../mariadb/topology.ts';
import { speech as mysql } from '../mysql/topology.ts';
import type { Row, Server } from './connection.ts';
import { topologyDriver, type Speech } from './member.ts';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

/** What both say differently of the same thing. */
interface Dialect {
  readonly title: string;
  readonly speech: Speech;
  readonly version: string;
  readonly words: { readonly status: string; readonly replica: string; readonly readOnly: string };
  /** A history of so many transactions, as a position. */
  position(transactions: number): string;
  answers(transactions: number): Readonly<Record<string, unknown>>;
}

const dialects: readonly Dialect[] = [
  {
    title: 'MySQL 8.0.33',
    speech: mysql,
    version: '8.0.33',
    words: { status: 'SHOW REPLICA STATUS', replica: 'REPLICA', readOnly: 'super_read_only' },
    position: (transactions) => `${uuid}:1-${transactions}`,
    answers: (transactions) => ({ '@@GLOBAL.gtid_executed': `${uuid}:1-${transactions}` }),
  },
  {
    title: 'MySQL 5.7, in its older words',
    speech: mysql,
    version: '5.7.44',
    words: { status: 'SHOW SLAVE STATUS', replica: 'SLAVE', readOnly: 'super_read_only' },
    position: (transactions) => `${uuid}:1-${transactions}`,
    answers: (transactions) => ({ '@@GLOBAL.gtid_executed': `${uuid}:1-${transactions}` }),
  },
  {
    title: 'MariaDB 11.8',
    speech: mariadb,
    version: '11.8.3-MariaDB',
    words: { status: 'SHOW SLAVE STATUS', replica: 'SLAVE', readOnly: 'read_only' },
    position: (transactions) => `0-1-${transactions}`,
    answers: (transactions) => ({
      '@@GLOBAL.gtid_binlog_state': `0-1-${transactions}`,
      '@@GLOBAL.gtid_binlog_pos': `0-1-${transactions}`,
      '@@GLOBAL.gtid_slave_pos': `0-1-${transactions}`,
    }),
  },
];

interface World {
  writable: boolean;
  transactions: number;
  status: Row | undefined;
  /** Statements that fail, or never end. */
  late: string;
  processes: readonly Row[];
  readonly told: string[];
}

function scripted(dialect: Dialect, world: World): Server {
  const { words } = dialect;
  const answer = (statement: string, values: readonly (string | number)[]): readonly Row[] => {
    const value = (text: unknown): readonly Row[] => [{ value: text }];
    if (statement === words.status) return world.status === undefined ? [] : [world.status];
    if (statement === `SELECT @@GLOBAL.${words.readOnly} AS value`) return value(world.writable ? '0' : '1');
    const [, variable = ''] = /^SELECT (@@GLOBAL\.\w+) AS value$/.exec(statement) ?? [];
    const known = dialect.answers(world.transactions)[variable];
    if (known !== undefined) return value(known);
    if (statement.includes('report_host')) return [{ host: 'o-1.o-headless.shop.svc' }];
    if (statement.includes('LOAD_FILE')) return [{ line: `100 10 20\n`, now: 130, path: values[0] }];
    if (statement.includes('WAIT')) return [{ late: world.late }];
    if (statement === 'SHOW PROCESSLIST') return world.processes;
    world.told.push(`${statement.replace(/\s+/g, ' ')}${values.length > 0 ? ` [${values.join()}]` : ''}`);
    if (statement === `SET GLOBAL ${words.readOnly} = OFF`) world.writable = true;
    if (statement === `SET GLOBAL ${words.readOnly} = ON`) world.writable = false;
    return [];
  };
  return {
    ask: (statement, values = []) => Promise.resolve(answer(statement, values)),
    version: dialect.version,
    identity: world,
  };
}

const running = (dialect: Dialect, more: Readonly<Record<string, string>> = {}): Row =>
  Object.fromEntries(
    Object.entries({
      Source_Host: 'o-0.o-headless.shop.svc',
      Replica_IO_Running: 'Yes',
      Replica_SQL_Running: 'Yes',
      Seconds_Behind_Source: '2',
      Retrieved_Gtid_Set: dialect.position(7),
      Gtid_IO_Pos: dialect.position(7),
      ...more,
    }).map(([column, value]) =>
      dialect.words.replica === 'REPLICA'
        ? [column, value]
        : [column.replace('Replica', 'Slave').replace('Source', 'Master'), value],
    ),
  );

const address = (pod: string): MemberAddress => ({
  pod,
  host: '10.0.0.1',
  port: 3306,
  superuserPassword: 's',
  replicationPassword: 'r',
  timeoutMs: 1000,
});

for (const dialect of dialects) {
  const { replica, readOnly } = dialect.words;
  describe(`a member of ${dialect.title}`, () => {
    const start = (more: Partial<World> = {}) => {
      const fresh = (): World => ({
        writable: false,
        transactions: 7,
        status: running(dialect),
        late: '0',
        processes: [],
        told: [],
      });
      const worlds: Record<'o-0' | 'o-1', World> = {
        'o-0': { ...fresh(), status: undefined, writable: true, transactions: 9 },
        'o-1': { ...fresh(), ...more },
      };
      const driver = topologyDriver(dialect.speech, ({ pod }) => {
        const server = scripted(dialect, worlds[pod as 'o-0' | 'o-1']);
        return { within: (_, work) => work(server), close: () => undefined };
      });
      const primary = driver.connect(address('o-0'));
      const client: MemberClient = driver.connect(address('o-1'));
      return { world: worlds['o-1'], worlds, client, primary };
    };

    it('tells what it is', async () => {
      const { client, primary } = start();
      assert.deepEqual(await client.view(), {
        writable: false,
        streaming: true,
        position: dialect.position(7),
        follows: 'o-0',
        lagSeconds: 2,
      });
      assert.deepEqual(await primary.view(), { writable: true, streaming: false, position: dialect.position(9) });
    });
    it('counts what it has received and not applied yet', async () => {
      const { client } = start({ transactions: 3 });
      assert.equal((await client.view()).position, dialect.position(7));
    });
    it('follows nobody when one of its threads has ended and its data is sound', async () => {
      for (const thread of ['Replica_IO_Running', 'Replica_SQL_Running']) {
        const { follows, broken } = await start({ status: running(dialect, { [thread]: 'No' }) }).client.view();
        assert.deepEqual([follows, broken], [undefined, undefined], thread);
      }
    });
    it('still follows while it tries to connect', async () => {
      const { client } = start({ status: running(dialect, { Replica_IO_Running: 'Connecting' }) });
      const { follows, streaming } = await client.view();
      assert.deepEqual([follows, streaming], ['o-0', false]);
    });
    it('is broken when its source has not kept what it lacks', async () => {
      const status = running(dialect, { Replica_IO_Running: 'No', Last_IO_Errno: '1236', Last_IO_Error: 'purged' });
      const { follows, broken } = await start({ status }).client.view();
      assert.equal(follows, 'o-0');
      assert.match(broken ?? '', /1236.*purged/);
    });

    it('is promoted once it has applied all that it received, and begins to write last', async () => {
      const { client, world } = start({ transactions: 3 });
      await client.promote();
      assert.deepEqual(
        [world.told[0], world.told.slice(1, 3), world.writable],
        [`STOP ${replica} IO_THREAD`, [`STOP ${replica}`, `RESET ${replica} ALL`], true],
      );
      const semiSync = world.told.findIndex((statement) =>
        /^SET GLOBAL rpl_semi_sync_\w+_enabled = @@/.test(statement),
      );
      assert.ok(semiSync > 0 && semiSync < world.told.indexOf(`SET GLOBAL ${readOnly} = OFF`), world.told.join('\n'));
    });
    it('is not promoted while it still applies', async () => {
      const { client, world } = start({ transactions: 3, late: '1' });
      await assert.rejects(client.promote(), /still applying/);
      assert.equal(world.writable, false);
    });
    it('is told nothing when it takes writes already', async () => {
      const { client, world } = start({ writable: true });
      await client.promote();
      await client.detach?.();
      assert.deepEqual(world.told, []);
      await assert.rejects(client.follow(address('o-0')), /still takes writes/);
    });
    it('is detached by an end of receiving, and goes on applying', async () => {
      const { client, world } = start();
      await client.detach?.();
      assert.deepEqual(world.told, [`STOP ${replica} IO_THREAD`]);
    });

    it('follows by a name that outlives the pod, with a position of its own', async () => {
      const { client, world } = start({ status: undefined });
      await client.follow(address('o-0'));
      const change = world.told.find((statement) => statement.startsWith('CHANGE ')) ?? '';
      assert.match(change, /\[o-0\.o-headless\.shop\.svc,3306,database_operator_replication,r\]/);
      assert.match(change, /AUTO_POSITION = 1|USE_GTID = slave_pos/);
      assert.equal(world.told.at(-1), `START ${replica}`);
    });
    it('is left alone when it follows already', async () => {
      const { client, world } = start();
      await client.follow(address('o-0'));
      assert.deepEqual(world.told, []);
    });
    it('begins again to follow the same when it has stopped', async () => {
      const { client, world } = start({ status: running(dialect, { Replica_IO_Running: 'No' }) });
      await client.follow(address('o-0'));
      assert.equal(world.told.at(-1), `START ${replica}`);
    });
    it('never follows with transactions that the other lacks: it says so and is cloned anew', async () => {
      const { client, world } = start({ transactions: 12, status: undefined });
      await client.follow(address('o-0'));
      assert.deepEqual(world.told, []);
      assert.match((await client.view()).broken ?? '', /has transactions that o-0 lacks/);
    });

    it('gives up writing, and ends the sessions of applications, not those of members and people', async () => {
      const processes = [
        { Id: 1, User: 'app', Command: 'Query' },
        { Id: 2, User: 'database_operator_replication', Command: 'Binlog Dump GTID' },
        { Id: 3, User: 'root', Command: 'Query' },
        { Id: 4, User: 'system user', Command: 'Connect' },
        { Id: 5, User: 'event_scheduler', Command: 'Daemon' },
      ];
      const { client, world } = start({ writable: true, processes });
      await client.demote?.();
      assert.equal(world.writable, false);
      assert.ok(world.told.includes(`SET GLOBAL ${readOnly} = ON`));
      const killed = new Set(world.told.filter((statement) => statement.startsWith('KILL')));
      assert.deepEqual([...killed], ['KILL 1']);
    });
    it('tells how full its volume is', async () => {
      const { client } = start();
      assert.deepEqual(await client.volume(), { usedBytes: 10_240, sizeBytes: 20_480, ageSeconds: 30 });
    });
  });
}
