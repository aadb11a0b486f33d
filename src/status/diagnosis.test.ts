import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import { refusedConfiguration } from '../engines/last-words.ts';
import { diagnose, isLasting } from './diagnosis.ts';

const object = (kind: string, name: string, body: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...body,
});
const pod = (status: object): KubernetesObject => object('Pod', 'orders-0', { status });
const container = (state: object, more: object = {}): KubernetesObject =>
  pod({ containerStatuses: [{ name: 'postgresql', ready: false, ...state, ...more }] });
const only = (pods: KubernetesObject[], claims: KubernetesObject[] = [], storageClasses?: string[]) => {
  const [first, ...others] = diagnose({ pods, claims, storageClasses });
  assert.deepEqual(others, []);
  return first;
};

describe('diagnosis', () => {
  it('finds nothing in a healthy pod', () => {
    assert.equal(only([container({ state: { running: {} } }, { ready: true })]), undefined);
  });

  it('names an image that can’t be pulled, the same for both of its reasons', () => {
    const first = only([container({ state: { waiting: { reason: 'ErrImagePull', message: 'x' } } })]);
    const second = only([container({ state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off 5m0s' } } })]);
    assert.deepEqual(first, second);
    assert.match(first?.action ?? '', /spec\.image.*imagePullSecrets/);
    assert.ok(first && isLasting(first));
  });

  it('shows what a failing server said last', () => {
    const terminated = { exitCode: 1, reason: 'Error', message: 'the data directory was made by PostgreSQL 16' };
    const found = only([container({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated } })]);
    assert.match(found?.evidence ?? '', /exit code 1: the data directory was made by PostgreSQL 16/);
    assert.match(found?.action ?? '', /kubectl logs orders-0 .*--previous/);
  });

  it('points at spec.config when the server refuses that', () => {
    const message = `${refusedConfiguration} (shared_preload_libraries): could not access file "no_such_library"`;
    const terminated = { exitCode: 1, reason: 'Error', message };
    const found = only([container({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated } })]);
    assert.equal(found?.cause, 'The server refuses its configuration');
    assert.match(found.evidence, /\(shared_preload_libraries\)/);
    assert.match(found.action, /^change spec\.config; .*kubectl logs orders-0 --previous$/);
  });

  it('tells lack of memory from other ends', () => {
    const found = only([container({ lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })]);
    assert.match(found?.action ?? '', /resources\.limits\.memory/);
  });

  it('forgets the last end once the container answers', () => {
    const found = only([
      container({ lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }, { ready: true }),
    ]);
    assert.equal(found, undefined);
  });

  it('is the same for each report of one back-off', () => {
    const at = (delay: string) =>
      only([
        container({
          state: {
            waiting: { reason: 'CreateContainerError', message: `back-off ${delay} restarting failed container=x` },
          },
        }),
      ]);
    assert.deepEqual(at('10s'), at('5m0s'));
  });

  const scheduling: [string, RegExp][] = [
    ['0/3 nodes are available: 3 Insufficient memory.', /resources\.requests/],
    ["0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", /nodeSelector/],
    ['0/3 nodes are available: 3 node(s) had untolerated taint {a: b}.', /tolerations/],
    ['pod has unbound immediate PersistentVolumeClaims.', /pvc/],
  ];
  for (const [message, action] of scheduling) {
    it(`says what to do about: ${message}`, () => {
      const found = only([
        pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] }),
      ]);
      assert.match(found?.action ?? '', action);
      assert.ok(found && !isLasting(found), 'it may mend');
    });
  }

  it('says nothing of pods on their way out', () => {
    const leaving = container({ state: { waiting: { reason: 'ImagePullBackOff' } } });
    assert.equal(only([{ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: 'x' } }]), undefined);
  });

  const claim = (status: object, storageClassName?: string): KubernetesObject =>
    object('PersistentVolumeClaim', 'data-orders-0', {
      spec: { ...(storageClassName !== undefined && { storageClassName }) },
      status,
    });

  it('names a StorageClass that does not exist and those that do', () => {
    const found = only([], [claim({ phase: 'Pending' }, 'fast')], ['slow']);
    assert.match(found?.action ?? '', /create StorageClass fast; the cluster has slow/);
  });
  it('says nothing of a claim that waits when classes are not known, or the class exists', () => {
    assert.equal(only([], [claim({ phase: 'Pending' }, 'fast')]), undefined);
    assert.equal(only([], [claim({ phase: 'Pending' }, 'fast')], ['fast']), undefined);
    assert.equal(only([], [claim({ phase: 'Pending' }, '')], []), undefined);
  });
  it('names a volume that is lost, and one that can’t grow', () => {
    assert.match(only([], [claim({ phase: 'Lost' })])?.cause ?? '', /lost/);
    const stuck = claim({ phase: 'Bound', allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' } });
    assert.match(only([], [stuck])?.cause ?? '', /can’t grow/);
  });
});
