import assert from 'node:assert/strict';
import fc from 'fast-check';
import { completeDatabase } from '../admission/defaults.ts';
import { rules } from '../admission/rules/index.ts';
import type { Database } from '../api/types.generated.ts';
import { storageSize } from '../desired/configmaps.ts';
import { desiredObjects } from '../desired/index.ts';
import type { Engine } from '../engines/engine.ts';
import { engines } from '../engines/index.ts';
import { isSound } from '../admission/sound.ts';
import { planChange } from './change.ts';
import type { Change } from './change.ts';
import { sorted } from './differences.ts';
import type { Target } from './observed.ts';
import { plan, settled } from './plan.ts';
import type { Step } from './step.ts';

const metadata = { name: 'orders', namespace: 'shop', uid: 'u' };

const specs = rules
  .filter(({ kind }) => kind === 'Database')
  .flatMap(({ accepted, refused }) => [...accepted, ...refused])
  .flatMap(({ object, oldObject }) => (oldObject === undefined ? [object] : [object, oldObject]))
  .filter((object) => isSound('Database', object))
  .map((object) => completeDatabase({ ...object, metadata } as Database).spec);

/** Everything rendered and hashed, as the loop does it. */
function planOfAll({ before, after, engine }: Required<Change> & { readonly before: Database }): readonly Step[] {
  const credentials = { password: '-', superuserPassword: '-', replicationPassword: '-', monitorPassword: '-' };
  const base = { ownerUid: 'u', credentials, primary: 'orders-0', term: 1, initialized: true, agentImage: 'agent' };
  const targetOf = (database: Database): Target => ({
    objects: desiredObjects({ ...database, spec: sorted(database.spec) as Database['spec'] }, engine, {
      ...base,
      claimSize: storageSize(before),
    }).objects,
    storage: storageSize(database),
    primary: 'orders-0',
    members: database.spec.replicas ?? 1,
  });
  return plan(settled(targetOf(before)), targetOf(after));
}

/** Growth of volumes that a larger set will make is the webhook's own. */
const shown = (steps: readonly Step[]): readonly string[] =>
  steps
    .filter(({ why }) => !why.startsWith('volume '))
    .map(({ action, ref, impact, why }) => `${action} ${ref.resource.kind} ${ref.name} (${impact}): ${why}`);

describe('the plan of a change', () => {
  it('is that of everything rendered and hashed, for any two specs of an engine', () => {
    let steps = 0;
    const any = fc.constantFrom(...specs);
    const property = fc.property(any, any, fc.constantFrom<Engine>(...engines), (one, other, engine) => {
      const [before, after] = [one, other].map((spec): Database => ({
        apiVersion: 'example.com/v1',
        kind: 'Database',
        metadata,
        spec: { ...spec, engine: engine.name },
      }));
      assert.ok(before && after);
      const change = { before, after, engine };
      const announced = shown(planChange(change));
      assert.deepEqual(announced, shown(planOfAll(change)));
      steps += announced.length;
    });
    fc.assert(property, { numRuns: 400 });
    assert.ok(steps > 400, String(steps));
  }).timeout(30_000);

  it('is empty where nothing changes but the order of members', () => {
    for (const spec of specs) {
      const before: Database = { apiVersion: 'example.com/v1', kind: 'Database', metadata, spec };
      const turned = Object.fromEntries(Object.entries(spec).reverse()) as Database['spec'];
      const [engine] = engines;
      assert.ok(engine);
      assert.deepEqual(planChange({ before, after: { ...before, spec: turned }, engine }), []);
    }
  });
});
