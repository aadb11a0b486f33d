import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import { CUT_OFF, watchdog } from '../engines/watchdog.ts';
import { wasCutOff } from './observed.ts';

const pod = (status: Readonly<Record<string, unknown>>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'orders-0' },
  status: { containerStatuses: [{ name: 'postgresql', ...status }] },
});
const ended = (message?: string): object => ({
  terminated: { exitCode: 137, ...(message !== undefined && { message }) },
});

describe('a pod whose server was cut off', () => {
  it('is known by its last words, whether it is started again or not', () => {
    const words = `${CUT_OFF}neither the API server nor a peer could be reached`;
    assert.ok(watchdog({ port: 1 }).includes(`reason="${words}`), 'these are what the watchdog says');
    assert.equal(wasCutOff(pod({ state: { running: {} }, lastState: ended(words) })), true);
    assert.equal(wasCutOff(pod({ state: ended(words), lastState: ended('out of memory') })), true);
  });

  it('is no longer one when it ended for another reason since', () => {
    const words = `${CUT_OFF}neither the API server nor a peer could be reached`;
    assert.equal(wasCutOff(pod({ state: ended(), lastState: ended(words) })), false);
    assert.equal(wasCutOff(pod({ state: { running: {} }, lastState: ended('out of memory') })), false);
    assert.equal(wasCutOff({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'orders-0' } }), false);
  });
});
