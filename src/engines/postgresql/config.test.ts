import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Database, DatabaseSpec } from '../../api/types.generated.ts';
import { renderConfig } from './config.ts';
import { ownedParameters, parameterChange } from './parameters.ts';

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

const database = (spec: DatabaseSpec = {}): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders', namespace: 'shop' },
  spec: { engine: 'postgresql', version: '17', ...spec },
});

/** The file as the server reads it: comments and empty lines aside, `name = 'value'`, the last one counts. */
function settings(spec: DatabaseSpec = {}, memoryBytes?: number, volumeBytes = 100 * GiB): Map<string, string> {
  const lines = renderConfig(database(spec), { memoryBytes, volumeBytes }).split('\n');
  const read = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    read.map((line) => {
      const match = /^([A-Za-z_][A-Za-z0-9_$.]*) = (?:'((?:[^'\\\n]|\\.|'')*)'|([A-Za-z0-9_.-]+))$/.exec(line);
      assert.ok(match, `the server would not read ${line}`);
      return [match[1] ?? '', match[2] ?? match[3] ?? ''];
    }),
  );
}

const bytes = (value: string | undefined): number => {
  const match = /^(\d+)(kB|MB|GB)$/.exec(value ?? '');
  assert.ok(match, `${value ?? 'nothing'} is not an amount of memory`);
  return Number(match[1]) * { kB: 1024, MB: MiB, GB: GiB }[match[2] as 'kB' | 'MB' | 'GB'];
};

describe('postgresql.conf', () => {
  it('has the baselines when no memory limit is given', () => {
    const conf = settings();
    for (const [name, value] of [
      ['max_connections', '100'],
      ['shared_buffers', '128MB'],
      ['effective_cache_size', '4GB'],
      ['maintenance_work_mem', '64MB'],
      ['checkpoint_completion_target', '0.9'],
      ['wal_buffers', '16MB'],
      ['default_statistics_target', '100'],
      ['random_page_cost', '1.1'],
      ['effective_io_concurrency', '200'],
      ['work_mem', '4MB'],
      ['min_wal_size', '1GB'],
      ['max_wal_size', '4GB'],
    ] as const) {
      assert.equal(conf.get(name), value, name);
    }
  });

  it('is sized up from the memory limit', () => {
    const conf = settings({}, 8 * GiB);
    assert.equal(conf.get('shared_buffers'), '2GB');
    assert.equal(conf.get('effective_cache_size'), '6GB');
    assert.equal(conf.get('maintenance_work_mem'), '512MB');
    assert.equal(conf.get('work_mem'), '30MB');
  });

  it('is scaled down to a small pod and a small volume', () => {
    const conf = settings({}, 256 * MiB, 512 * MiB);
    assert.equal(conf.get('shared_buffers'), '64MB');
    assert.equal(conf.get('wal_buffers'), '8MB');
    assert.equal(conf.get('max_wal_size'), '128MB');
    assert.equal(conf.get('min_wal_size'), '32MB');
  });

  it('fits memory and volume, whatever their size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 128 * MiB, max: 1024 * GiB }),
        fc.integer({ min: 256 * MiB, max: 16384 * GiB }),
        fc.integer({ min: 1, max: 10_000 }),
        (memory, volume, maxConnections) => {
          const conf = settings({ config: { maxConnections } }, memory, volume);
          const shared = bytes(conf.get('shared_buffers'));
          assert.ok(shared <= memory / 4 && bytes(conf.get('effective_cache_size')) <= memory);
          assert.ok(bytes(conf.get('wal_buffers')) <= shared / 4);
          assert.ok(3 * bytes(conf.get('maintenance_work_mem')) <= memory / 4);
          const most = bytes(conf.get('max_wal_size'));
          assert.ok(most <= volume / 4 && bytes(conf.get('min_wal_size')) <= most);
          assert.ok(bytes(conf.get('min_wal_size')) >= 32 * MiB, 'two segments, or the server does not start');
          assert.ok(bytes(conf.get('max_slot_wal_keep_size')) <= volume / 4);
        },
      ),
    );
  });

  it('is the same text for the same input, however its keys are ordered', () => {
    const sizing = { memoryBytes: undefined, volumeBytes: GiB };
    const one = renderConfig(database({ config: { parameters: { work_mem: '8MB', jit: 'off' } } }), sizing);
    const other = renderConfig(database({ config: { parameters: { jit: 'off', work_mem: '8MB' } } }), sizing);
    assert.equal(one, other);
  });

  it('takes the user’s connections, timeout and parameters, each name once', () => {
    const conf = settings({
      config: {
        maxConnections: 250,
        queryTimeout: '1m30s',
        parameters: { Work_Mem: '8MB', 'auto_explain.log_nested': 1 },
      },
    });
    assert.equal(conf.get('max_connections'), '250');
    assert.equal(conf.get('statement_timeout'), '90000ms');
    assert.equal(conf.get('work_mem'), '8MB');
    assert.equal(conf.get('auto_explain.log_nested'), '1');
  });

  it('leaves out what the operator owns, in any case', () => {
    const parameters = Object.fromEntries(ownedParameters.map(({ name }) => [name.toUpperCase(), 'stolen']));
    const conf = settings({ config: { parameters } });
    assert.ok(![...conf.values()].includes('stolen'));
    assert.equal(conf.get('port'), undefined);
  });

  it('keeps what replicas need, whatever the user has set', () => {
    const conf = settings({ config: { parameters: { wal_level: 'minimal', max_wal_senders: 0 } } });
    assert.equal(conf.get('wal_level'), 'replica');
    assert.equal(conf.get('max_wal_senders'), '10');
    const more = settings({ config: { parameters: { wal_level: 'logical', max_wal_senders: 20 } } });
    assert.equal(more.get('wal_level'), 'logical');
    assert.equal(more.get('max_wal_senders'), '20');
  });

  it('names every member as a synchronous standby only when replicas are to be in step', () => {
    assert.equal(settings().get('synchronous_standby_names'), '');
    assert.equal(settings({ replicas: 1, replication: { mode: 'sync' } }).get('synchronous_standby_names'), '');
    assert.equal(
      settings({ replicas: 2, replication: { mode: 'sync' } }).get('synchronous_standby_names'),
      'ANY 1 ("orders-0", "orders-1")',
    );
  });

  it('acknowledges no write that is on one member only, whatever the user has set', () => {
    const sync = { replicas: 3, replication: { mode: 'sync' } } as const;
    for (const [set, expected] of [
      ['local', 'on'],
      ['off', 'on'],
      ['remote_write', 'on'],
      ['remote_apply', 'remote_apply'],
    ] as const) {
      const config = { parameters: { synchronous_commit: set } };
      assert.equal(settings({ ...sync, config }).get('synchronous_commit'), expected, set);
      assert.equal(settings({ replicas: 3, config }).get('synchronous_commit'), set);
    }
    assert.equal(settings(sync).get('synchronous_commit'), 'on');
  });

  it('notices within seconds that a connection between members died', () => {
    for (const name of ['wal_sender_timeout', 'wal_receiver_timeout']) assert.equal(settings().get(name), '5s');
    assert.equal(settings().get('wal_retrieve_retry_interval'), '1s');
  });

  it('has no setting that the version does not know', () => {
    const old = settings({ version: '12.3', tls: { certificateSecret: 'x' } });
    assert.equal(old.has('max_slot_wal_keep_size'), false);
    assert.equal(old.has('wal_keep_segments'), true);
    assert.equal(old.has('wal_keep_size'), false);
    assert.equal(settings({ version: '10' }).has('ssl_min_protocol_version'), false);
    assert.equal(settings({ version: '17' }).has('wal_keep_segments'), false);
  });

  it('lets no value become a second setting', () => {
    const plain = new Set(settings().keys());
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
        const conf = settings({ config: { parameters: { [name]: value, search_path: value } } });
        const added = [...conf.keys()].filter((key) => !plain.has(key) && key !== 'search_path');
        assert.ok(added.every((key) => key === name.toLowerCase()));
      }),
    );
    const conf = settings({ config: { parameters: { search_path: "x'\nport = 1 # \\" } } });
    assert.equal(conf.get('search_path'), "x''\\nport = 1 # \\\\");
    assert.equal(conf.has('port'), false);
  });
});

describe('settings of PostgreSQL', () => {
  it('tells which need a restart', () => {
    for (const name of ['shared_buffers', 'max_connections', 'Shared_Preload_Libraries', 'io_method', 'wal_level']) {
      assert.equal(parameterChange(name).needs, 'restart', name);
    }
    for (const name of [
      'work_mem',
      'max_wal_size',
      'log_min_duration_statement',
      'synchronous_standby_names',
      'app.x',
    ]) {
      assert.equal(parameterChange(name).needs, 'reload', name);
    }
  });

  it('has a remedy for everything the operator owns, each name once', () => {
    const names = ownedParameters.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(ownedParameters.every(({ instead }) => instead.length > 10));
  });
});
