import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database, DatabaseMonitor } from '../../api/types.generated.ts';
import { engineByName } from '../../engines/index.ts';
import { stamp } from '../../planning/drift.ts';
import { decide, removal, type Observation } from './decide.ts';
import { monitorStatus } from './status.ts';

const now = new Date('2026-01-05T10:00:00Z');

const database = (spec: object = {}, namespace = 'shop'): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders', namespace, uid: 'd' },
  spec: { engine: 'postgresql', version: '17', replicas: 2, storage: { size: '1Gi' }, ...spec },
});

const monitor = (spec: object = {}, labels: Record<string, string> = {}): DatabaseMonitor => ({
  apiVersion: 'example.com/v1',
  kind: 'DatabaseMonitor',
  metadata: {
    name: 'watch',
    namespace: 'shop',
    uid: 'm',
    generation: 3,
    labels,
    creationTimestamp: '2026-01-02T00:00:00Z',
  },
  spec: { databaseRef: { name: 'orders' }, alerting: true, ...spec },
});

const observe = (more: Partial<Observation> = {}): Observation => ({
  monitor: monitor(),
  database: database(),
  engine: engineByName('postgresql'),
  findings: [],
  rivals: [],
  children: [],
  isAbsent: () => false,
  certificateEnds: undefined,
  ...more,
});

const refs = ({ steps }: { steps: ReturnType<typeof removal> }): string[] =>
  steps.map(({ action, ref }) => `${action} ${ref.resource.kind} ${ref.namespace ?? ''}/${ref.name}`);

/** As the API server would answer what `decide` wants. */
const made = (observation: Observation): Observation['children'] =>
  decide(observation).wanted.map(({ resource, object }) => {
    const { metadata, ...rest } = stamp(object);
    const live = { ...rest, metadata: { ...metadata, uid: `${object.kind}-${metadata.name}` } } as KubernetesObject;
    return { resource, object: resource.kind === 'Deployment' ? { ...live, status: { availableReplicas: 1 } } : live };
  });

const ready = (observation: Observation): string => {
  const { conditions = [], phase = '' } = monitorStatus(observation, decide(observation), now);
  const condition = conditions.find(({ type }) => type === 'Ready');
  return `${phase} ${condition?.status ?? ''} ${condition?.reason ?? ''}`;
};

describe('a DatabaseMonitor', () => {
  it('becomes exporters, what Prometheus reads, and a dashboard', () => {
    assert.deepEqual(refs(decide(observe())), [
      'apply Deployment shop/orders-exporter',
      'apply Service shop/orders-exporter',
      'apply ServiceMonitor shop/watch-monitor',
      'apply PrometheusRule shop/watch-monitor',
      'apply ConfigMap shop/watch-dashboard',
    ]);
    assert.equal(ready(observe()), 'Pending False ExportersStarting');
  });

  it('changes nothing once they are there', () => {
    const settled = observe({ children: made(observe()) });
    assert.deepEqual(decide(settled).steps, []);
    assert.equal(ready(settled), 'Ready True ServiceMonitorMade');
  });

  it('takes away what is switched off', () => {
    const children = made(observe());
    const less = observe({ children, monitor: monitor({ alerting: false, dashboard: false }) });
    assert.deepEqual(refs(decide(less)), [
      'delete PrometheusRule shop/watch-monitor',
      'delete ConfigMap shop/watch-dashboard',
    ]);
  });

  it('hands its labels on, but for those with a prefix', () => {
    const { wanted } = decide(
      observe({ monitor: monitor({}, { release: 'prometheus', 'example.org/instance': 'x' }) }),
    );
    const labels = wanted.find(({ resource }) => resource === resources.PrometheusRule)?.object.metadata.labels ?? {};
    assert.equal(labels['release'], 'prometheus');
    assert.equal(labels['example.org/instance'], undefined);
  });

  it('has a container for each member in one pod, and a port of each', () => {
    const { wanted } = decide(observe());
    const deployment = wanted[0]!.object['spec'] as { template: { spec: { containers: { name: string }[] } } };
    assert.deepEqual(
      deployment.template.spec.containers.map(({ name }) => name),
      ['orders-0', 'orders-1'],
    );
  });

  it('of another namespace has its exporters beside the Database, without an owner that is no use there', () => {
    const far = monitor({ databaseRef: { name: 'orders', namespace: 'data' } });
    const observation = observe({ monitor: far, database: database({}, 'data') });
    assert.deepEqual(refs(decide(observation)).slice(0, 3), [
      'apply Deployment data/orders-exporter',
      'apply Service data/orders-exporter',
      'apply ServiceMonitor shop/watch-monitor',
    ]);
    const [deployment, , serviceMonitor] = decide(observation).wanted;
    assert.equal(deployment?.object.metadata.ownerReferences, undefined);
    assert.equal(serviceMonitor?.object.metadata.ownerReferences?.[0]?.uid, 'm');
  });

  it('leaves nothing behind when it is gone', () => {
    assert.deepEqual(
      removal(made(observe())).map(({ action }) => action),
      ['delete', 'delete', 'delete', 'delete', 'delete'],
    );
  });

  it('runs its exporters where the Prometheus operator is not installed, and says so', () => {
    const isAbsent: Observation['isAbsent'] = ({ group }) => group === 'monitoring.coreos.com';
    const bare = observe({ isAbsent });
    assert.deepEqual(refs(decide(bare)), [
      'apply Deployment shop/orders-exporter',
      'apply Service shop/orders-exporter',
      'apply ConfigMap shop/watch-dashboard',
    ]);
    assert.equal(ready({ ...bare, children: made(bare) }), 'Pending False ServiceMonitorNotInstalled');
  });

  for (const [what, more, expected] of [
    ['the Database is missing', { database: undefined, engine: undefined }, 'Pending False DatabaseMissing'],
    [
      'the Database watches itself',
      { database: database({ monitoring: { enabled: true } }) },
      'Failed False AlreadyMonitored',
    ],
    [
      'another one is older',
      {
        rivals: [
          { ...monitor(), metadata: { name: 'a', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' } },
        ],
      },
      'Failed False AlreadyMonitored',
    ],
    [
      'the other namespace no longer consents',
      {
        findings: [
          {
            rule: 'DM004',
            field: 'spec.databaseRef.namespace',
            reason: 'FieldValueForbidden',
            message: 'no',
            severity: 'deny',
          },
        ],
      },
      'Failed False ReferenceRefused',
    ],
  ] as readonly (readonly [string, Partial<Observation>, string])[]) {
    it(`takes everything down when ${what}`, () => {
      const observation = observe({ children: made(observe()), ...more });
      assert.equal(decide(observation).steps.length, 5);
      assert.ok(decide(observation).steps.every(({ action }) => action === 'delete'));
      assert.equal(ready(observation), expected);
    });
  }

  it('keeps what there is while a field can not be read', () => {
    const findings = [
      { rule: 'DM010', field: 'spec.scrapeInterval', reason: 'FieldValueInvalid', message: 'no', severity: 'deny' },
    ] as const;
    const observation = observe({ children: made(observe()), findings });
    assert.deepEqual(decide(observation).steps, []);
    assert.equal(ready(observation), 'Failed False Invalid');
  });

  it('never takes a name that another has', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'watch-dashboard', namespace: 'shop', uid: 'x' },
    };
    const observation = observe({ children: [{ resource: resources.ConfigMap, object }] });
    assert.ok(refs(decide(observation)).every((ref) => !ref.includes('ConfigMap')));
    assert.equal(ready(observation), 'Failed False NameConflict');
  });

  it('stops its exporters while the Database hibernates', () => {
    const observation = observe({ database: database({ hibernate: true }) });
    const [deployment] = decide(observation).wanted;
    assert.equal((deployment?.object['spec'] as { replicas: number }).replicas, 0);
    assert.equal(ready(observation), 'Ready True Hibernated');
  });
});
