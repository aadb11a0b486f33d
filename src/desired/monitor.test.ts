import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import type { Database, DatabaseMonitor } from '../api/types.generated.ts';
import type { EngineName } from '../engines/engine.ts';
import { engineByName } from '../engines/index.ts';
import { alerts, defaultThresholds } from './alerts.ts';
import { panelsOf } from './dashboard.ts';
import { monitorObjects } from './monitor.ts';

const database = (engine: EngineName, spec: object = {}): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders', namespace: 'shop', uid: 'd' },
  spec: { engine, replicas: 2, storage: { size: '1Gi' }, ...spec },
});

const monitor = {
  apiVersion: 'example.com/v1',
  kind: 'DatabaseMonitor',
  metadata: { name: 'watch', namespace: 'shop', uid: 'm', labels: { release: 'prometheus' } },
  spec: { databaseRef: { name: 'orders' }, alerting: true, thresholds: { replicationLag: '1m' } },
} as DatabaseMonitor;

const engines: readonly EngineName[] = ['postgresql', 'mysql', 'mariadb', 'mongodb', 'redis'];

describe('objects of a DatabaseMonitor', () => {
  it('are those of golden/databasemonitor.yaml, byte for byte', () => {
    const objects = monitorObjects({ monitor, database: database('postgresql'), engine: engineByName('postgresql')! });
    const rendered = objects
      .map(({ object, optional }) =>
        [
          '---',
          ...(optional === true ? ['# optional'] : []),
          stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }),
        ].join('\n'),
      )
      .join('');
    const file = path.join(import.meta.dirname, 'golden/databasemonitor.yaml');
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, rendered);
    assert.equal(rendered, readFileSync(file, 'utf8'), 'UPDATE_GOLDEN=1 writes it anew');
  });

  for (const name of engines) {
    it(`hold no password of ${name}: only references to it`, () => {
      const [deployment] = monitorObjects({ monitor, database: database(name), engine: engineByName(name)! });
      const pod = (
        deployment!.object['spec'] as { template: { spec: { containers: { env: Env[]; args?: string[] }[] } } }
      ).template.spec;
      const secrets = pod.containers.flatMap(({ env }) => env.filter((one) => /PASS/.test(one.name)));
      assert.equal(secrets.length, 2);
      for (const { value, valueFrom } of secrets)
        assert.ok(valueFrom !== undefined || value?.startsWith('/etc/'), 'a password by value');
      const hosts = pod.containers.map((container, index) =>
        JSON.stringify(container).includes(`orders-${index}.orders-headless.shop.svc.cluster.local`),
      );
      assert.deepEqual(hosts, [true, true]);
    });
  }
});

interface Env {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

describe('alerts', () => {
  const documents = readFileSync(path.join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');
  const rulesOf = (engine: EngineName, spec: object = {}, more: object = {}) =>
    alerts({
      database: database(engine, spec),
      queries: engineByName(engine)!.runtime!.queries,
      thresholds: {},
      ...more,
    }).rules;

  it('each have a severity, a summary and a place in the documents', () => {
    for (const { alert, labels, annotations } of rulesOf('postgresql', {}, { certificateEnds: 1 })) {
      assert.match(labels['severity'] ?? '', /^(critical|warning)$/);
      assert.ok((annotations['summary'] ?? '').includes('shop/orders'));
      assert.ok(documents.includes(`### ${alert}\n`), alert);
      assert.ok(annotations['runbook_url']?.endsWith(`#${alert.toLowerCase()}`));
    }
  });

  it('are all in the documents that the code knows, with their severity', () => {
    const known = rulesOf('postgresql', {}, { certificateEnds: 1 });
    const written = [...documents.matchAll(/^### (Database\w+)\n\n_(critical|warning)/gm)];
    assert.deepEqual(
      written.map(([, name, severity]) => `${name ?? ''} ${severity ?? ''}`).sort(),
      known.map(({ alert, labels }) => `${alert} ${labels['severity'] ?? ''}`).sort(),
    );
  });

  it('speak of servers only while there should be some', () => {
    const names = rulesOf('redis', { hibernate: true }).map(({ alert }) => alert);
    assert.deepEqual(names, [
      'DatabaseNotReady',
      'DatabaseBackupFailed',
      'DatabaseBackupStale',
      'DatabaseBackupUnproven',
    ]);
    assert.ok(!rulesOf('redis', { replicas: 1 }).some(({ alert }) => alert === 'DatabaseMemberDown'));
  });

  it('take their thresholds from the spec', () => {
    const thresholds = { connectionsPercent: 50, storagePercent: 60, replicationLag: '2m', backupAge: '3d' };
    const text = JSON.stringify(rulesOf('mysql', {}, { thresholds }));
    for (const part of ['> 50', '> 60', '> 120', '> 259200']) assert.ok(text.includes(part), part);
    assert.equal(defaultThresholds.replicationLag, '30s');
  });
});

describe('dashboards', () => {
  for (const name of engines) {
    it(`of ${name} ask for its own Database in every query`, () => {
      const panels = panelsOf(database(name), engineByName(name)!.runtime!.queries);
      for (const [legend, query] of panels.flatMap(({ queries }) => queries)) {
        assert.match(query, /database="orders"|persistentvolumeclaim=~"data-orders-/, legend);
      }
      assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    });
  }
});
