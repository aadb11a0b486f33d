import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../api/object.ts';
import { Pod, Service, StatefulSet } from '../../api/resources.ts';
import type { Database, DatabaseSpec } from '../../api/types.generated.ts';
import type { Step } from '../../planning/step.ts';
import { pace } from './pace.ts';
import { windowState } from '../../planning/window.ts';

const now = new Date('2026-01-05T12:00:00Z');
const database = (spec: DatabaseSpec = {}): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders' },
  spec: { replicas: 3, ...spec },
});
const pod = (ordinal: number, isReady = true, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `orders-${ordinal}`, ...metadata },
  status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
});
const restart = (ordinal: number): Step => ({
  action: 'restartPod',
  ref: { resource: Pod, name: `orders-${ordinal}` },
  uid: '',
  impact: 'restart',
  why: `restart ${ordinal}`,
});
const restarts = [restart(2), restart(1), restart(0)];
const taken = (steps: readonly Step[]): string[] => steps.map(({ why }) => why);

describe('pace', () => {
  it('restarts one server at a time', () => {
    const { now: steps, waiting } = pace(restarts, database(), [pod(0), pod(1), pod(2)], now);
    assert.deepEqual([taken(steps), waiting], [['restart 2'], ['restart 1', 'restart 0']]);
  });

  it('restarts nobody while another server is away', () => {
    assert.deepEqual(taken(pace([restart(1)], database(), [pod(0), pod(1), pod(2, false)], now).now), []);
    assert.deepEqual(taken(pace([restart(1)], database(), [pod(0), pod(1)], now).now), [], 'or missing');
    const leaving = pod(2, true, { deletionTimestamp: 'x' });
    assert.deepEqual(
      taken(pace([restart(1)], database(), [pod(0), pod(1), leaving], now).now),
      [],
      'or on its way out',
    );
  });

  it('restarts a server that does not answer at any time, so that a bad change heals', () => {
    assert.deepEqual(taken(pace(restarts, database(), [pod(0), pod(1, false), pod(2, false)], now).now), ['restart 2']);
    assert.deepEqual(taken(pace([restart(1)], database(), [pod(0), pod(1, false), pod(2, false)], now).now), [
      'restart 1',
    ]);
  });

  it('does not delete a pod twice', () => {
    const leaving = pod(2, false, { deletionTimestamp: 'x' });
    assert.deepEqual(taken(pace([restart(2)], database(), [pod(0), pod(1), leaving], now).now), []);
  });

  it('lets the template be written before anybody restarts', () => {
    const apply = {
      action: 'apply',
      ref: { resource: StatefulSet, name: 'orders' },
      impact: 'none',
      why: 'template',
    } as unknown as Step;
    assert.deepEqual(taken(pace([apply, ...restarts], database(), [pod(0), pod(1), pod(2)], now).now), ['template']);
  });

  it('does not make an object anew in the pass that deletes it', () => {
    const ref = { resource: StatefulSet, name: 'orders' };
    const steps = [
      { action: 'delete', ref, uid: 'x', impact: 'none', why: 'delete' },
      { action: 'apply', ref, impact: 'none', why: 'apply' },
      { action: 'apply', ref: { resource: Service, name: 'orders' }, impact: 'none', why: 'service' },
    ] as unknown as Step[];
    assert.deepEqual(taken(pace(steps, database(), [], now).now), ['delete', 'service']);
  });

  it('waits for the maintenance window, and comes back when it opens', () => {
    const window = { maintenanceWindow: { schedule: '0 3 * * *', duration: '1h' } };
    const held = pace(restarts, database(window), [pod(0), pod(1), pod(2)], now);
    assert.deepEqual(taken(held.now), []);
    assert.equal(held.requeueAfterSeconds, 15 * 3600);
    const open = pace(restarts, database(window), [pod(0), pod(1), pod(2)], new Date('2026-01-06T03:30:00Z'));
    assert.deepEqual(taken(open.now), ['restart 2']);
  });
});

describe('maintenance window', () => {
  const window = { schedule: '0 3 * * 0', duration: '2h', timeZone: 'Europe/Berlin' };
  const cases: [string, boolean][] = [
    ['2026-01-04T01:59:59Z', false],
    ['2026-01-04T02:00:00Z', true],
    ['2026-01-04T03:59:59Z', true],
    ['2026-01-04T04:00:00Z', false],
  ];
  for (const [at, open] of cases) {
    it(`is ${open ? 'open' : 'closed'} at ${at}`, () => assert.equal(windowState(window, new Date(at)).open, open));
  }
  it('is always open when there is none', () => assert.ok(windowState(undefined, now).open));
});
