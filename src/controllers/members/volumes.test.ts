import assert from 'node:assert/strict';
import { fakeClock } from '../../../test/simulation/fake-clock.ts';
import type { KubernetesObject, Resource } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Engine } from '../../engines/engine.ts';
import type { VolumeUse } from '../../engines/volume-use.ts';
import { createMemoryStore, type MutableStore } from '../../kubernetes/memory-store.ts';
import type { Caches } from '../caches.ts';
import { startVolumes } from './volumes.ts';

const object = (kind: string, name: string, rest: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    name,
    namespace: 'shop',
    uid: name,
    labels: { 'app.kubernetes.io/component': 'database', 'app.kubernetes.io/instance': 'orders' },
  },
  ...rest,
});
const database = (storage: object, more: object = {}): KubernetesObject =>
  object('Database', 'orders', { spec: { engine: 'redis', storage, ...more } });
const claim = (capacity: string): KubernetesObject =>
  object('PersistentVolumeClaim', 'data-orders-0', { status: { capacity: { storage: capacity } } });
const pod = object('Pod', 'orders-0', { status: { podIP: '10.0.0.1', phase: 'Running' } });
const secret = object('Secret', 'orders-internal', {
  data: Object.fromEntries(
    ['password', 'superuser-password', 'replication-password', 'monitor-password'].map((key) => [key, btoa('x')]),
  ),
});
const growing = database({ size: '10Gi', autoGrow: { max: '20Gi' } });

describe('how full volumes are', () => {
  const start = (first: KubernetesObject) => {
    const clock = fakeClock();
    const stores = new Map<string, MutableStore>();
    const store = (resource: Resource): MutableStore => {
      const known = stores.get(resource.kind) ?? createMemoryStore({ indexer: () => ['shop/orders'] });
      stores.set(resource.kind, known);
      return known;
    };
    const world = { uses: [] as (VolumeUse | undefined | 'silent')[], asked: 0, woken: 0, open: 0 };
    const connect = () => ({
      volume: () => {
        world.asked++;
        const use = world.uses.shift();
        return use === 'silent' ? Promise.reject(new Error('no answer')) : Promise.resolve(use);
      },
      close: () => world.open--,
    });
    const engine = {
      port: 1,
      runtime: { topology: { connect: () => (world.open++, connect()) } },
    } as unknown as Engine;
    for (const [resource, one] of [
      [resources.Database, first],
      [resources.Pod, pod],
      [resources.Secret, secret],
      [resources.PersistentVolumeClaim, claim('10Gi')],
    ] as const)
      store(resource).upsert(one);
    const volumes = startVolumes({
      caches: { store } as unknown as Caches,
      clock,
      engineByName: () => engine,
      wake: () => world.woken++,
    });
    const rounds = async (count: number, ...uses: (VolumeUse | undefined | 'silent')[]): Promise<void> => {
      world.uses.push(...uses);
      await clock.advance(count * 30_000);
    };
    const shares = (): readonly string[] =>
      [...volumes.measured('shop/orders')].map(([name, { usedBytes, capacity }]) => `${name} ${usedBytes} ${capacity}`);
    return { clock, store, world, volumes, rounds, shares };
  };
  const use = (usedBytes: number, ageSeconds = 5): VolumeUse => ({ usedBytes, sizeBytes: 100, ageSeconds });

  it('are asked twice a minute, also of a lone server, and told when a percent has changed', async () => {
    const { rounds, shares, world } = start(growing);
    await rounds(2, use(40), use(41));
    assert.deepEqual(shares(), ['orders-0 41 10Gi']);
    await rounds(1, use(41));
    assert.deepEqual([world.asked, world.woken, world.open], [3, 1, 0]);
  });
  it('do not count when they were measured before the volume had its capacity', async () => {
    const { rounds, shares, store } = start(growing);
    await rounds(2, use(40), use(41));
    store(resources.PersistentVolumeClaim).upsert(claim('12Gi'));
    await rounds(1, use(41));
    assert.deepEqual(shares(), []);
    await rounds(1, use(41));
    assert.deepEqual(shares(), ['orders-0 41 12Gi']);
  });
  it('are not known of a member that does not answer, or has not measured for minutes', async () => {
    const { rounds, shares } = start(growing);
    await rounds(2, use(40), use(41));
    await rounds(1, 'silent');
    assert.deepEqual(shares(), []);
    await rounds(9, ...Array.from({ length: 8 }, () => use(50)), use(50, 200));
    assert.deepEqual(shares(), []);
  });
  it('are asked of nobody who does not let them grow, or is paused', async () => {
    for (const one of [database({ size: '10Gi' }), database({ autoGrow: { max: '20Gi' } }, { paused: true })]) {
      const { rounds, world } = start(one);
      await rounds(3);
      assert.equal(world.asked, 0);
    }
  });
  it('are asked no more after the end', async () => {
    const { rounds, world, volumes, clock } = start(growing);
    await rounds(1, use(1));
    volumes.stop();
    await rounds(3);
    assert.deepEqual([world.asked, clock.pending], [1, 0]);
  });
});
