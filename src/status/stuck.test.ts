import assert from 'node:assert/strict';
import * as resources from '../api/resources.ts';
import { isLasting } from './diagnosis.ts';
import { diagnoseStuck, nothingStuck } from './stuck.ts';
import type { Need, Stuck } from './stuck.ts';

const secret: Need = {
  field: 'spec.tls.certificateSecret',
  resource: resources.Secret,
  name: 'orders-tls',
  holdsUp: 'containers',
};
const priority: Need = {
  field: 'spec.podTemplate.priorityClassName',
  resource: resources.PriorityClass,
  name: 'high',
  holdsUp: 'pod',
};

const rows: readonly (readonly [string, Partial<Stuck>, string])[] = [
  [
    'a Secret that is not there',
    { missing: [{ need: secret, pods: ['orders-1', 'orders-2'] }] },
    'A Secret does not exist: pods orders-1, orders-2 can’t start: Secret orders-tls (spec.tls.certificateSecret) not found -> create Secret orders-tls, or change spec.tls.certificateSecret',
  ],
  [
    'a PriorityClass that is not there',
    { missing: [{ need: priority, pods: ['orders-2'] }] },
    'A PriorityClass does not exist: pod orders-2 can’t be made: PriorityClass high (spec.podTemplate.priorityClassName) not found -> create PriorityClass high, or change spec.podTemplate.priorityClassName',
  ],
  [
    'a pod that is not made',
    { unmade: ['orders-2'] },
    'A pod is not made: StatefulSet orders has no pod orders-2 -> kubectl describe statefulset orders: its Events say who refuses it (a quota, a policy, a webhook)',
  ],
  [
    'one whose PriorityClass may not be looked up',
    { unmade: ['orders-2'], unasked: [priority] },
    'A pod is not made: StatefulSet orders has no pod orders-2; the operator may not look up PriorityClass high (spec.podTemplate.priorityClassName) -> kubectl describe statefulset orders: its Events say who refuses it (a quota, a policy, a webhook)',
  ],
];

describe('diagnosis of pods that are stuck', () => {
  for (const [what, stuck, expected] of rows) {
    it(`names ${what}`, () => {
      const [found, ...others] = diagnoseStuck({ ...nothingStuck, ...stuck }, 'orders');
      assert.equal(`${found?.cause ?? ''}: ${found?.evidence ?? ''} -> ${found?.action ?? ''}`, expected);
      assert.deepEqual(others, []);
      assert.ok(found && !isLasting(found), 'somebody may make it any moment');
    });
  }

  it('says nothing where nothing is', () => {
    assert.deepEqual(diagnoseStuck(nothingStuck, 'orders'), []);
  });
});
