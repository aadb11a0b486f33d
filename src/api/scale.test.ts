import assert from 'node:assert/strict';
import { replicasOf, scaleOf, withReplicas } from './scale.ts';
import type { Database } from './types.generated.ts';

const database: Database = {
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '5', labels: { x: 'y' } },
  spec: { replicas: 3, version: '17' },
  status: { replicas: 2, selector: 'app=a' },
};

describe('Scale', () => {
  it('carries identity, numbers and selector, and no labels', () => {
    assert.deepEqual(scaleOf(database), {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '5' },
      spec: { replicas: 3 },
      status: { replicas: 2, selector: 'app=a' },
    });
  });

  it('of a Database without numbers is 0', () => {
    const scale = scaleOf({ ...database, spec: {}, status: {} });
    assert.deepEqual([scale.spec, scale.status], [{ replicas: 0 }, { replicas: 0 }]);
  });

  it('goes back into the Database it came from', () => {
    assert.deepEqual(withReplicas(database, replicasOf({ ...scaleOf(database), spec: { replicas: 5 } })!).spec, {
      replicas: 5,
      version: '17',
    });
  });

  it('reads absence as 0, and nothing from what is no Scale', () => {
    const scale = scaleOf(database);
    assert.equal(replicasOf({ ...scale, spec: {} }), 0);
    for (const spec of [undefined, null, 5, { replicas: '3' }, { replicas: 1.5 }, { replicas: null }]) {
      assert.equal(
        replicasOf({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec }),
        undefined,
      );
    }
    assert.equal(replicasOf(database), undefined);
  });
});
