import assert from 'node:assert/strict';
import fc from 'fast-check';
import { settingFault } from './setting-check.ts';

describe('a setting of PostgreSQL', () => {
  for (const [name, value] of [
    ['work_mem', '8MB'],
    ['Work_Mem', '64'],
    ['work_mem', '1.5GB'],
    ['shared_buffers', '128 MB'],
    ['log_min_duration_statement', '500ms'],
    ['log_min_duration_statement', '-1'],
    ['checkpoint_timeout', '15min'],
    ['checkpoint_completion_target', '0.9'],
    ['autovacuum_vacuum_cost_delay', '2ms'],
    ['random_page_cost', '1.1'],
    ['jit', 'off'],
    ['jit', 'TRUE'],
    ['jit', '0'],
    ['synchronous_commit', 'remote_apply'],
    ['synchronous_commit', 'no'],
    ['wal_level', 'logical'],
    ['default_transaction_isolation', 'repeatable read'],
    ['log_statement', 'DDL'],
    ['search_path', '"$user", public'],
    ['shared_preload_libraries', 'pg_stat_statements'],
    ['pg_stat_statements.max', '5000'],
    ['any_extension.setting', 'x'],
    ['io_method', 'worker'],
    ['log_connections', 'receipt,authentication'],
    ['TimeZone', 'Europe/Berlin'],
    ['DateStyle', 'iso, dmy'],
  ] as const) {
    it(`may be ${name} = ${value}`, () => assert.equal(settingFault(name, value), undefined));
  }

  for (const [name, value, fault] of [
    ['wrok_mem', '8MB', /no such setting; did you mean "work_mem"/],
    ['innodb_buffer_pool_size', '1G', /no such setting/],
    ['work_mem', '8mb', /unit of memory \(B, kB, MB/],
    ['work_mem', '8M', /unit of memory/],
    ['work_mem', '8ms', /unit of memory/],
    ['work_mem', '1kB', /from 64 to/],
    ['work_mem', 'lots', /must be a number/],
    ['work_mem', '', /must be a number/],
    ['statement_timeout', '5MB', /unit of time/],
    ['random_page_cost', '1.1s', /without a unit/],
    ['checkpoint_completion_target', '2', /from 0 to 1/],
    ['jit', 'maybe', /on or off/],
    ['jit', 'o', /on or off/],
    ['wal_level', 'everything', /one of "minimal", "replica", "logical"/],
    ['log_statement', 'some', /one of "none", "ddl", "mod", "all"/],
    ['block_size', '8192', /fixed/],
    ['a b', '1', /not a name/],
    ['a\nb', '1', /not a name/],
  ] as const) {
    it(`can’t be ${JSON.stringify(name)} = ${JSON.stringify(value)}`, () =>
      assert.match(settingFault(name, value) ?? 'no fault', fault));
  }

  it('is judged for any text', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (name, value) => void settingFault(name, value)));
    fc.assert(fc.property(fc.string(), (value) => void settingFault('work_mem', value)));
  });
});
