/** Sizes and spellings of the configuration files that only one engine has. */
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import type { Database } from '../api/types.generated.ts';
import { engineByName } from './index.ts';
import { optionName } from './my-cnf.ts';
import { ownedParameter } from './parameters.ts';
import { shortSize } from './sizes.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

const render = (
  name: string,
  version: string,
  config: object,
  memoryBytes?: number,
  volumeBytes = 10 * GiB,
): string => {
  const spec = { engine: name, version, config };
  const database = { apiVersion: 'example.com/v1', kind: 'Database', metadata: { name: 'a' }, spec } as Database;
  return engineByName(name)!.renderConfig(database, { memoryBytes, volumeBytes });
};

const setting = (text: string, name: string): string | undefined =>
  new RegExp(`^${name}(?: =)? (.*)$`, 'm').exec(text)?.[1];

describe('my.cnf', () => {
  it('has the baselines where no memory limit is set', () => {
    const text = render('mysql', '5.7', {});
    assert.equal(setting(text, 'max_connections'), '100');
    assert.equal(setting(text, 'innodb_buffer_pool_size'), '128M');
    assert.equal(setting(text, 'innodb_log_file_size'), '64M');
    assert.equal(setting(text, 'innodb_flush_log_at_trx_commit'), '1');
  });

  for (const [version, name] of [
    ['5.7', 'innodb_log_file_size'],
    ['8.0.29', 'innodb_log_file_size'],
    ['8.0.30', 'innodb_redo_log_capacity'],
    ['8.0', 'innodb_redo_log_capacity'],
    ['8', 'innodb_redo_log_capacity'],
    ['9.7.1', 'innodb_redo_log_capacity'],
  ] as const) {
    it(`MySQL ${version} sizes its redo log by ${name}`, () => {
      const text = render('mysql', version, {});
      assert.deepEqual(
        ['innodb_log_file_size', 'innodb_redo_log_capacity'].filter((known) => setting(text, known) !== undefined),
        [name],
      );
    });
  }

  for (const [memory, pool] of [
    [128 * MiB, '32M'],
    [512 * MiB, '256M'],
    [GiB, '512M'],
    [3 * GiB, '1G'],
    [16 * GiB, '8G'],
  ] as const) {
    it(`gives ${pool} of ${shortSize(memory)} to the buffer pool`, () => {
      assert.equal(setting(render('mysql', '8.0', {}, memory), 'innodb_buffer_pool_size'), pool);
      assert.equal(setting(render('mariadb', '11.4', {}, memory), 'innodb_buffer_pool_size'), pool);
    });
  }

  it('keeps the redo log within a quarter of the volume', () => {
    assert.equal(setting(render('mysql', '8.0', {}, 64 * GiB, 256 * MiB), 'innodb_redo_log_capacity'), '64M');
  });

  it('scales connections down with the pod, but not what the user asked for', () => {
    assert.equal(setting(render('mysql', '8.0', {}, 256 * MiB), 'max_connections'), '21');
    assert.equal(setting(render('mysql', '8.0', { maxConnections: 500 }, 256 * MiB), 'max_connections'), '500');
  });

  it('limits statements in the unit of each server', () => {
    assert.equal(setting(render('mysql', '8.0', { queryTimeout: '30s' }), 'max_execution_time'), '30000');
    assert.equal(setting(render('mariadb', '11.4', { queryTimeout: '1500ms' }), 'max_statement_time'), '1.5');
  });

  it("takes the user's value in place of a baseline, in any spelling", () => {
    const text = render('mysql', '8.0', {
      parameters: { 'Innodb-Buffer-Pool-Size': '7M', loose_skip_name_resolve: 'OFF' },
    });
    assert.equal(text.match(/innodb_buffer_pool_size/g)?.length, 1);
    assert.equal(setting(text, 'innodb_buffer_pool_size'), '7M');
    assert.equal(setting(text, 'skip_name_resolve'), 'OFF');
  });

  it('quotes what would end a value', () => {
    const text = render('mysql', '8.0', { parameters: { sql_mode: 'A # B', init: 'a"b\\c\n[client]' } });
    assert.equal(setting(text, 'sql_mode'), '"A # B"');
    assert.equal(setting(text, 'init'), '"a\\"b\\\\c\\n[client]"');
  });

  it('knows what the server takes for the same option', () => {
    assert.equal(optionName('Loose-Max-Connections'), 'max_connections');
    assert.equal(optionName('disable-networking'), 'skip_networking');
    assert.equal(optionName('maximum_max_connections'), 'max_connections');
    const mysql = engineByName('mysql')!;
    for (const name of ['max-connections', 'MAX_CONNECTIONS', 'loose-max_connections', 'ssl-ca', 'mysqlx-port']) {
      assert.ok(ownedParameter(mysql, name), name);
    }
    for (const name of ['sort_buffer_size', 'ssl', 'max_connect_errors'])
      assert.equal(ownedParameter(mysql, name), undefined);
  });
});

describe('mongod.conf', () => {
  const read = (text: string): Record<string, unknown> => parse(text) as Record<string, unknown>;

  it('has the baselines', () => {
    assert.deepEqual(read(render('mongodb', '8.0', {})), {
      net: { bindIpAll: true, port: 27017 },
      storage: { dbPath: '/data/db', wiredTiger: { engineConfig: { cacheSizeGB: 0.25 } } },
    });
  });

  it('sizes the cache as the server would', () => {
    assert.match(render('mongodb', '8.0', {}, 4 * GiB), /cacheSizeGB: 1\.5\n/);
    assert.match(render('mongodb', '8.0', {}, 256 * MiB), /cacheSizeGB: 0\.25\n/);
  });

  it('puts paths where they belong and the rest under setParameter', () => {
    const parameters = {
      'operationProfiling.mode': 'slowOp',
      'storage.wiredTiger.engineConfig.cacheSizeGB': '0.5',
      cursorTimeoutMillis: 5000,
      'net.port.evil': 'x',
      __exec: 'evil',
      storage: 'gone',
      'storage.journal': 'a\nb: c',
    };
    const conf = read(render('mongodb', '8.0', { parameters }));
    assert.deepEqual(conf['operationProfiling'], { mode: 'slowOp' });
    assert.deepEqual(conf['setParameter'], { cursorTimeoutMillis: 5000, storage: 'gone' });
    assert.deepEqual(conf['net'], { bindIpAll: true, port: 27017 });
    assert.deepEqual(conf['storage'], {
      dbPath: '/data/db',
      journal: 'a\nb: c',
      wiredTiger: { engineConfig: { cacheSizeGB: 0.5 } },
    });
  });

  it('owns sections, not names that only begin alike', () => {
    const mongodb = engineByName('mongodb')!;
    for (const name of [
      'net.tls.mode',
      'security.authorization',
      'replication.replSetName',
      'enableLocalhostAuthBypass',
    ]) {
      assert.ok(ownedParameter(mongodb, name), name);
    }
    for (const name of ['net.compression.compressors', 'securityX', 'operationProfiling.mode']) {
      assert.equal(ownedParameter(mongodb, name), undefined);
    }
  });
});

describe('redis.conf', () => {
  it('keeps data, and leaves room for the fork that saves it', () => {
    const text = render('redis', '8.0', { maxConnections: 50 }, GiB);
    assert.equal(setting(text, 'maxmemory'), '614mb');
    assert.equal(setting(text, 'maxmemory-policy'), 'noeviction');
    assert.equal(setting(text, 'appendfsync'), 'everysec');
    assert.equal(setting(text, 'repl-backlog-size'), '30mb');
    assert.equal(setting(text, 'client-output-buffer-limit'), 'replica 102mb 51mb 60');
    assert.equal(setting(text, 'maxclients'), '50');
    assert.equal(setting(render('redis', '8.0', {}), 'maxmemory'), undefined);
  });

  it('keeps words apart and quotes the rest', () => {
    const text = render('redis', '8.0', {
      parameters: { save: '3600 1 300 100', 'proc-title-template': 'a "b"\n', x: '' },
    });
    assert.equal(setting(text, 'save'), '3600 1 300 100');
    assert.equal(setting(text, 'proc-title-template'), '"a \\"b\\"\\x0a"');
    assert.equal(setting(text, 'x'), '""');
  });

  it('owns whoever may come in', () => {
    const names = ['requirepass', 'RequirePass', 'tls-port', 'cluster-enabled', 'rename-command', 'include'];
    for (const name of [...names, 'appendonly', 'slave-read-only', 'min-replicas-to-write', 'repl-timeout']) {
      assert.ok(ownedParameter(engineByName('redis')!, name), name);
    }
  });
});
