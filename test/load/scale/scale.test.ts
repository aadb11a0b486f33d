import assert from 'node:assert/strict';
import { changedBy, copyOf, type Seed } from './clone.ts';
import { latencyOf } from './latency.ts';
import { tableOf } from './table.ts';
import type { ScaleResult } from './run.ts';

const uid = '6f1c2a3e-0000-4000-8000-000000000001';
const seed: readonly Seed[] = [
  {
    key: '/registry/services/specs/scale-0/db-0-primary',
    value: JSON.stringify({
      kind: 'Service',
      metadata: { name: 'db-0-primary', namespace: 'scale-0', uid },
      spec: { clusterIP: '10.0.1.2', clusterIPs: ['10.0.1.2'], database: 'db_0' },
    }),
    uids: [uid],
  },
];

describe('scale', () => {
  it('copies under a new name, namespace, uid and address', () => {
    const [copy] = copyOf(seed, 0, 12_345, () => undefined);
    assert.equal(copy?.key, '/registry/services/specs/scale-45/db-12345-primary');
    const { metadata, spec } = JSON.parse(copy.value) as {
      metadata: Record<string, string>;
      spec: { clusterIP: string; clusterIPs: string[]; database: string };
    };
    assert.deepEqual(
      [metadata['name'], metadata['namespace'], spec.database],
      ['db-12345-primary', 'scale-45', 'db_12345'],
    );
    assert.notEqual(metadata['uid'], uid);
    assert.deepEqual([spec.clusterIP], spec.clusterIPs);
  });

  it('tells what a trueing up would change of what was made', () => {
    assert.deepEqual(
      changedBy(seed, () => undefined),
      [],
    );
    const wrong = changedBy(seed, ([object]) => void Object.assign(object ?? {}, { kind: 'Pod' }));
    assert.deepEqual(wrong, [seed[0]?.key]);
  });

  it('has latencies and a table with ratios', () => {
    assert.deepEqual(latencyOf([3, 1, 2]), { count: 3, p50: 2, p99: 3, most: 3 });
    const result = (contender: string, createSeconds: number): ScaleResult => {
      const memory = { residentMiB: 100, anonymousMiB: 50 };
      const latency = latencyOf([1]);
      return {
        contender,
        createSeconds,
        settledSeconds: 1,
        requestsPerDatabase: { 'get services': 4 },
        cpuSeconds: { [contender]: 2, etcd: 1 },
        createLatency: latency,
        restart: { idleAfterSeconds: 3, writes: 0, admission: latency, memory },
        idle: { seconds: 1, cpuPercent: 0, writes: 0, requests: 0, memory },
        memoryAfterCreation: memory,
        survived: true,
      };
    };
    const lines = tableOf([result('ours', 6), result('peer', 3)]);
    assert.match(lines[0] ?? '', /ours +peer +ratio$/);
    assert.match(lines.find((line) => line.startsWith('created')) ?? '', / 6 +3 +2$/);
    assert.match(lines.find((line) => line.startsWith('edit meanwhile')) ?? '', / - +- +-$/);
  });
});
