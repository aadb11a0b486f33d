import assert from 'node:assert/strict';
import type { Database, DatabaseBackup } from '../api/types.generated.ts';
import { databaseSeries, renderDatabases } from './database-metrics.ts';
import { createMetrics } from './metrics.ts';

const database = (name: string, status: object = {}, spec: object = {}): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name, namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { engine: 'redis', version: '8.0', ...spec },
  status,
});

const backup = (spec: object, status: object): DatabaseBackup => ({
  apiVersion: 'example.com/v1',
  kind: 'DatabaseBackup',
  metadata: { name: 'nightly', namespace: 'jobs' },
  spec: { databaseRef: { name: 'orders', namespace: 'shop' }, ...spec },
  status,
});

const value = (text: string, series: string): string | undefined =>
  text
    .split('\n')
    .find((line) => line.startsWith(`database_operator_database_${series} `))
    ?.split(' ')
    .at(-1);
const id = 'database_namespace="shop",database="orders"';

describe('figures of Databases', () => {
  it('are what status and spec say', () => {
    const status = {
      phase: 'Running',
      currentPrimary: 'orders-1',
      readyReplicas: 2,
      conditions: [{ type: 'Ready', status: 'True', reason: 'PrimaryReady', message: '', lastTransitionTime: '' }],
      backupStatus: { lastBackup: '2026-01-02T00:00:00Z' },
    };
    const text = renderDatabases({ databases: [database('orders', status, { replicas: 3 })], backups: [] });
    for (const [series, expected] of [
      [`info{${id},engine="redis",version="8.0"}`, '1'],
      [`phase{${id},phase="Running"}`, '1'],
      [`primary{${id},member="orders-1"}`, '1'],
      [`ready{${id}}`, '1'],
      [`members{${id}}`, '3'],
      [`members_ready{${id}}`, '2'],
      [`backup_wanted{${id}}`, '0'],
      [`last_backup_timestamp_seconds{${id}}`, '1767312000'],
    ] as const) {
      assert.equal(value(text, series), expected, series);
    }
    assert.equal(value(text, `last_proof_timestamp_seconds{${id}}`), undefined);
  });

  it('count DatabaseBackups of other namespaces, and the newest good backup of all', () => {
    const backups = [
      backup(
        { schedule: '@daily', verify: { enabled: true } },
        { phase: 'Completed', end: '2026-01-03T00:00:00Z', lastVerified: '2026-01-02T12:00:00Z' },
      ),
      backup({}, { phase: 'Failed', end: '2026-01-04T00:00:00Z' }),
    ];
    const text = renderDatabases({ databases: [database('orders')], backups });
    assert.equal(value(text, `backup_wanted{${id}}`), '1');
    assert.equal(value(text, `proof_wanted{${id}}`), '1');
    assert.equal(value(text, `backup_failed{${id}}`), '0', 'a backup that was made once is nobody’s alarm');
    assert.equal(value(text, `last_backup_timestamp_seconds{${id}}`), '1767398400');
    assert.equal(value(text, `last_proof_timestamp_seconds{${id}}`), '1767355200');
  });

  it('are at most one series of each for a Database, and none for one that is gone', async () => {
    const metrics = createMetrics({ version: '1' });
    let databases = ['a', 'b', 'c'].map((name) => database(name, { phase: 'Running', currentPrimary: `${name}-0` }));
    assert.ok(!(await metrics.render()).includes('database_operator_database_'));
    metrics.showDatabases(() => ({ databases, backups: [] }));
    const lines = async (): Promise<number> =>
      (await metrics.render()).split('\n').filter((line) => line.startsWith('database_operator_database_')).length;
    assert.ok((await lines()) <= 3 * databaseSeries.length);
    databases = [];
    assert.equal(await lines(), 0);
  });

  it('keep label values in one piece whatever is in them', () => {
    const text = renderDatabases({ databases: [database('orders', {}, { version: 'a"b\\c\nd' })], backups: [] });
    assert.ok(text.includes('version="a\\"b\\\\c\\nd"'));
  });
});
