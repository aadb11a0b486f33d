import assert from 'node:assert/strict';
import fc from 'fast-check';
import { completeDatabase } from '../admission/defaults.ts';
import type { KubernetesObject } from '../api/object.ts';
import type { Database, DatabaseSpec } from '../api/types.generated.ts';
import { storageSize } from '../desired/configmaps.ts';
import { desiredObjects } from '../desired/index.ts';
import type { Context } from '../desired/index.ts';
import { postgresql } from '../engines/postgresql/index.ts';
import { stamp } from './drift.ts';
import type { Observed, Target } from './observed.ts';
import { plan, settled } from './plan.ts';
import type { Step } from './step.ts';

const credentials = { password: 'a', superuserPassword: 'b', replicationPassword: 'c', monitorPassword: 'd' };

function target(spec: DatabaseSpec = {}, context: Partial<Context> = {}): Target {
  const database = completeDatabase({
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name: 'orders', namespace: 'shop', uid: 'u1' },
    spec: { engine: 'postgresql', version: '17', ...spec },
  } satisfies Database);
  const { objects } = desiredObjects(database, postgresql, {
    ownerUid: 'u1',
    credentials,
    agentImage: 'agent:1',
    ...context,
  });
  return { objects, storage: storageSize(database), primary: 'orders-0' };
}

const summary = (steps: readonly Step[]): string[] =>
  steps.map(({ action, ref, impact }) => `${action} ${ref.resource.kind} ${ref.name} (${impact})`);

/** Changes one object of what is observed. */
function edit(observed: Observed, name: string, change: (object: KubernetesObject) => KubernetesObject): Observed {
  const children = observed.children.map((entry) =>
    entry.object.metadata.name === name ? { ...entry, object: change(entry.object) } : entry,
  );
  return { ...observed, children };
}
const withUid = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, uid: 'x' },
});

const anySpec: fc.Arbitrary<DatabaseSpec> = fc.record(
  {
    replicas: fc.integer({ min: 1, max: 5 }),
    storage: fc.record({ size: fc.constantFrom('1Gi', '2048Mi', '20Gi') }),
    backup: fc.record({ enabled: fc.boolean() }),
    monitoring: fc.record({ enabled: fc.boolean() }),
    networkPolicy: fc.record({ enabled: fc.boolean() }),
    hibernate: fc.boolean(),
    deletionPolicy: fc.constantFrom('Retain' as const, 'Delete' as const, 'Snapshot' as const),
    config: fc.record({ maxConnections: fc.integer({ min: 10, max: 500 }) }),
    resources: fc.constantFrom({ limits: { memory: '1Gi' } }, { requests: { cpu: '0.5' } }),
  },
  { requiredKeys: [] },
);

describe('plan', () => {
  it('has nothing to do where everything is as wanted, for any spec', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        assert.deepEqual(summary(plan(settled(target(spec)), target(spec))), []);
      }),
      { numRuns: 60 },
    );
  });

  it('makes everything when there is nothing, dependants later', () => {
    const steps = plan({ children: [], pods: [], claims: [] }, target());
    const names = summary(steps);
    assert.ok(names.indexOf('create Secret orders-internal (none)') < names.indexOf('apply StatefulSet orders (none)'));
    assert.ok(steps.every(({ action }) => action === 'apply' || action === 'create'));
    assert.equal(steps.length, target().objects.length);
  });

  it('tells a running pod of an earlier release what to do before a snapshot, and restarts nobody for it', () => {
    const now = settled(target({ replicas: 2 }));
    const bare = (pod: KubernetesObject): KubernetesObject => {
      const annotations = Object.entries(pod.metadata.annotations ?? {}).filter(([name]) => !name.includes('velero'));
      return { ...pod, metadata: { ...pod.metadata, annotations: Object.fromEntries(annotations) } };
    };
    const steps = plan({ ...now, pods: now.pods.map(bare) }, target({ replicas: 2 }));
    assert.deepEqual(summary(steps), ['patch Pod orders-1 (none)', 'patch Pod orders-0 (none)']);
    const [first] = steps;
    assert.ok(first?.action === 'patch');
    const [guard, ...added] = first.patch.map(({ op, path }) => [op, path].join(' '));
    assert.equal(guard, 'test /metadata/uid');
    assert.deepEqual(
      added.toSorted(),
      ['command', 'container', 'on-error', 'timeout'].map(
        (name) => `add /metadata/annotations/pre.hook.backup.velero.io~1${name}`,
      ),
    );
  });

  it('never applies a Secret, so that contents are not overwritten', () => {
    const before = settled(target());
    const after = target({}, { credentials: { ...credentials, password: 'other' } });
    assert.deepEqual(summary(plan(before, after)), []);
  });

  it('reloads for a setting that a running server takes over, and restarts for one that it does not', () => {
    const reload = plan(settled(target()), target({ config: { parameters: { work_mem: '8MB' } } }));
    assert.deepEqual(summary(reload), ['apply ConfigMap orders-config (reload)']);
    const restart = plan(settled(target({ replicas: 3 })), target({ replicas: 3, config: { maxConnections: 300 } }));
    assert.deepEqual(summary(restart), [
      'apply ConfigMap orders-config (reload)',
      'apply StatefulSet orders (none)',
      'restartPod Pod orders-2 (restart)',
      'restartPod Pod orders-1 (restart)',
      'switchover Pod orders-0 (switchover)',
      'restartPod Pod orders-0 (restart)',
    ]);
    const alone = plan(settled(target()), target({ config: { maxConnections: 300 } }));
    assert.equal(summary(alone).at(-1), 'restartPod Pod orders-0 (downtime)');
  });

  it('hands over from a primary that is about to go, then restarts as if the first had taken over', () => {
    const primary = (replicas: number, maxConnections: number): Target => ({
      ...target({ replicas, config: { maxConnections } }, { primary: 'orders-2' }),
      primary: 'orders-2',
    });
    const steps = plan(settled(primary(3, 100)), primary(2, 300));
    assert.deepEqual(
      summary(steps).filter((step) => step.includes(' Pod ')),
      [
        'switchover Pod orders-2 (switchover)',
        'restartPod Pod orders-1 (restart)',
        'switchover Pod orders-0 (switchover)',
        'restartPod Pod orders-0 (restart)',
      ],
    );
  });

  it('restarts nobody when only the number of replicas changes', () => {
    const steps = plan(settled(target({ replicas: 1 })), target({ replicas: 3 }));
    assert.ok(
      steps.every(({ action }) => action !== 'restartPod'),
      summary(steps).join(),
    );
    const back = plan(settled(target({ replicas: 3 })), target({ replicas: 1 }));
    assert.match(back.map(({ why }) => why).join(), /replicas go from 3 to 1; volumes are kept/);
  });

  it('says that hibernation is downtime', () => {
    const steps = plan(settled(target()), target({ hibernate: true }));
    assert.ok(steps.some(({ impact, ref }) => impact === 'downtime' && ref.resource.kind === 'StatefulSet'));
  });

  it('grows each claim, never shrinks one, and leaves the StatefulSet alone when it keeps its claim size', () => {
    const before = settled(target({ replicas: 2, storage: { size: '10Gi' } }));
    const steps = plan(before, target({ replicas: 2, storage: { size: '20Gi' } }, { claimSize: '10Gi' }));
    const grows = steps.filter(({ why }) => why.startsWith('volume'));
    assert.deepEqual(
      grows.map(({ why }) => why),
      ['volume data-orders-0 grows from 10Gi to 20Gi', 'volume data-orders-1 grows from 10Gi to 20Gi'],
    );
    assert.ok(steps.every(({ ref, action }) => ref.resource.kind !== 'StatefulSet' || action !== 'delete'));
    const shrink = plan(before, target({ replicas: 2, storage: { size: '5Gi' } }, { claimSize: '10Gi' }));
    assert.deepEqual(
      shrink.filter(({ why }) => why.startsWith('volume')),
      [],
    );
  });

  it('replaces a StatefulSet around its pods when something immutable differs', () => {
    const before = edit(settled(target()), 'orders', (object) => {
      const spec = object['spec'] as Readonly<Record<string, unknown>> | undefined;
      if (object.kind !== 'StatefulSet') return object;
      return withUid({ ...object, spec: { ...spec, podManagementPolicy: 'OrderedReady' } });
    });
    const [first, second] = plan(before, target());
    assert.ok(first?.action === 'delete');
    assert.equal(first.propagationPolicy, 'Orphan');
    assert.equal(second?.action, 'apply');
  });

  it('puts back what was changed by hand, and leaves alone what others added', () => {
    const edited = edit(settled(target()), 'orders-config', (object) => ({
      ...object,
      data: { 'postgresql.conf': 'fsync = off' },
    }));
    assert.deepEqual(
      plan(edited, target()).map(({ why }) => why),
      ['ConfigMap orders-config was changed by hand'],
    );
    const added = edit(settled(target()), 'orders-config', (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, team: 'shop' } },
      data: { ...(object['data'] as object), mine: 'yes' },
    }));
    assert.deepEqual(plan(added, target()), []);
  });

  it('applies again when a field is no longer wanted', () => {
    const before = settled(target({ podTemplate: { nodeSelector: { disk: 'ssd' } } }));
    assert.ok(summary(plan(before, target())).includes('apply StatefulSet orders (none)'));
  });

  it('removes what is no longer wanted, but neither the volume of backups nor Secrets', () => {
    const before = settled(target({ backup: { enabled: true } }));
    const observed = {
      ...before,
      children: before.children.map((entry) => ({ ...entry, object: withUid(entry.object) })),
    };
    const steps = plan(observed, target({ backup: { enabled: false }, networkPolicy: { enabled: false } }));
    assert.deepEqual(
      summary(steps).filter((step) => step.startsWith('delete')),
      ['delete NetworkPolicy orders (none)', 'delete CronJob orders-backup (none)'],
    );
  });

  it('lets go of Secrets when the policy becomes Retain, and takes them when it becomes Delete', () => {
    const isOwner = (step: Step): boolean => step.action === 'patch' && step.ref.resource.kind === 'Secret';
    const release = plan(settled(target({ deletionPolicy: 'Delete' })), target({ deletionPolicy: 'Retain' })).filter(
      isOwner,
    );
    assert.equal(release.length, 2);
    assert.ok(release.every((step) => step.action === 'patch' && step.patch.at(-1)?.['op'] === 'remove'));
    const take = plan(settled(target({ deletionPolicy: 'Retain' })), target({ deletionPolicy: 'Delete' })).filter(
      isOwner,
    );
    assert.ok(take.every((step) => step.action === 'patch' && step.patch.at(-1)?.['op'] === 'add'));
    assert.equal(take.length, 2);
  });

  it('labels pods with their role, replicas first', () => {
    const before = settled(target({ replicas: 2 }));
    const pods = before.pods.map((pod) => ({ ...pod, metadata: { ...pod.metadata, labels: {} } }));
    assert.deepEqual(
      plan({ ...before, pods }, target({ replicas: 2 })).map(({ why }) => why),
      ['orders-1 is the replica', 'orders-0 is the primary'],
    );
  });

  it('waits for an object that is on its way out', () => {
    const leaving = edit(settled(target()), 'orders', (object) => ({
      ...object,
      metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', annotations: {} },
    }));
    assert.deepEqual(plan(leaving, target()), []);
  });

  it('does not take the server’s way of writing quantities for a change', () => {
    const wanted = target({ resources: { limits: { memory: '1024Mi', cpu: '0.5' } } });
    const live = JSON.parse(
      JSON.stringify(settled(wanted)).replaceAll('"1024Mi"', '"1Gi"').replaceAll('"0.5"', '"500m"'),
    ) as Observed;
    assert.deepEqual(plan(live, wanted), []);
  });

  it('does not change its input', () => {
    const [observed, wanted] = [settled(target()), target({ replicas: 3 })];
    const before = JSON.stringify([observed, wanted]);
    plan(observed, wanted);
    assert.equal(JSON.stringify([observed, wanted]), before);
  });
});

describe('stamp', () => {
  it('depends on contents and on nothing else', () => {
    const [entry] = target().objects;
    assert.ok(entry);
    assert.deepEqual(stamp(entry.object), stamp(structuredClone(entry.object)));
    assert.notDeepEqual(
      stamp(entry.object).metadata.annotations,
      stamp({ ...entry.object, data: {} }).metadata.annotations,
    );
  });
});
