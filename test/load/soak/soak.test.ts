import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../../src/api/object.ts';
import { randomOf } from '../../fuzz/random.ts';
import { nextAction, usual } from './actions.ts';
import { differences, type Content } from './expected.ts';
import { judge, type Reading } from './judge.ts';
import { lineThrough } from './slope.ts';

const labels = { 'database.example.com/name': 'a' };
const object = (kind: string, name: string, rest: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, labels, generation: 2 },
  ...rest,
});
const whole = (): Record<string, KubernetesObject[]> => ({
  Database: [object('Database', 'a', { status: { observedGeneration: 2 } })],
  ServiceAccount: [object('ServiceAccount', 'a')],
  Secret: ['a-secret', 'a-internal'].map((name) => object('Secret', name)),
  ConfigMap: ['a-config', 'a-scripts', 'a-topology'].map((name) =>
    object('ConfigMap', name, { data: { 'postgresql.conf': 'max_connections = 120\n' } }),
  ),
  Service: ['a', 'a-primary', 'a-readonly', 'a-headless'].map((name) => object('Service', name)),
  PodDisruptionBudget: [object('PodDisruptionBudget', 'a')],
  NetworkPolicy: [object('NetworkPolicy', 'a')],
  StatefulSet: [object('StatefulSet', 'a', { spec: { replicas: 1 } })],
});
const wanted = new Map([['a', { maxConnections: 120, replicas: 1 }]]);
const without = (kind: string, name: string): Content => {
  const content = whole();
  return { ...content, [kind]: (content[kind] ?? []).filter(({ metadata }) => metadata.name !== name) };
};

describe('soak', () => {
  it('finds nothing wrong where all is there, and names what is not', () => {
    assert.deepEqual(differences(wanted, whole()), []);
    assert.deepEqual(differences(wanted, without('Service', 'a-readonly')), [
      'Service a-readonly is missing or not labelled',
    ]);
    assert.equal(differences(new Map([['a', { maxConnections: 121, replicas: 2 }]]), whole()).length, 2);
    assert.ok(differences(new Map(), whole()).includes('StatefulSet a is still there'));
  });

  it('draws the same actions from the same seed, and rare troubles only as often as they weigh', () => {
    const draw = (seed: number): string[] => {
      const random = randomOf(seed);
      return Array.from({ length: 2000 }, () => nextAction(random, ['db-0', 'db-1'], 5).do);
    };
    assert.deepEqual(draw(1), draw(1));
    assert.notDeepEqual(draw(1), draw(2));
    const kills = draw(1).filter((action) => action === 'kill').length;
    assert.ok(kills > 5 && kills < 60, String(kills));
    const none = Array.from({ length: 500 }, (_, seed) => nextAction(randomOf(seed), [], 1, { ...usual, kill: 0 }));
    assert.ok(none.every((action) => action.do !== 'kill' && action.do !== 'delete'));
  });

  it('sees a climb and no climb', () => {
    const line = lineThrough([0, 600, 1200, 1800].map((atSeconds) => ({ atSeconds, value: 50 + atSeconds / 360 })));
    assert.deepEqual(
      [line?.perHour, line?.from, line?.to].map((value) => Math.round(value ?? 0)),
      [10, 50, 55],
    );
    assert.equal(lineThrough([{ atSeconds: 1, value: 1 }]), undefined);
  });

  it('judges the first process after its warming up', () => {
    const reading = (atSeconds: number, anonymousMiB: number, process = 1): Reading => ({
      atSeconds,
      process,
      anonymousMiB,
      residentMiB: anonymousMiB + 50,
      cpuSeconds: 0,
      descriptors: 60,
      sockets: 40,
    });
    const failed = (readings: readonly Reading[], log = ''): string[] =>
      judge(readings, log)
        .filter(({ passed }) => !passed)
        .map(({ what }) => what.split(':')[0] ?? '');
    const flat = [0, 400, 800, 1200].map((at) => reading(at, at === 0 ? 30 : 60));
    assert.deepEqual(failed([...flat, reading(1300, 200, 2)]), []);
    assert.deepEqual(failed([0, 400, 800, 1200].map((at) => reading(at, 60 + at / 100))), [
      'anonymous memory',
      'resident memory',
    ]);
    assert.deepEqual(failed(flat, 'MaxListenersExceededWarning: possible leak'), [
      'the log has no MaxListenersExceededWarning',
    ]);
  });
});
