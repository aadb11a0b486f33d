import assert from 'node:assert/strict';
import { bookmark, configMap, scriptedReads } from '../../test/support/scripted-client.ts';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import type { KubernetesObject } from '../api/object.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { startCaches, type Caches } from './caches.ts';
import { factsOf } from './facts.ts';

const object = (kind: string, name: string, namespace: string | undefined, rest: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, uid: name, resourceVersion: '1', ...(namespace !== undefined && { namespace }) },
  ...rest,
});

const existing: Readonly<Record<string, readonly KubernetesObject[]>> = {
  databases: [object('Database', 'orders', 'shop'), object('Database', 'ledger', 'bank')],
  namespaces: [object('Namespace', 'shop', undefined)],
  storageclasses: [object('StorageClass', 'fast', undefined, { allowVolumeExpansion: true })],
  secrets: [object('Secret', 'orders-secret', 'shop', { data: { uri: '', password: '' } })],
};

describe('facts', () => {
  const running: Caches[] = [];
  afterEach(() => Promise.all(running.splice(0).map((caches) => caches.stop())));

  /** Every list is complete at once; watches stay open and silent unless the test sends something. */
  const start = (namespaces: readonly string[] = []) => {
    const clock = fakeClock();
    const reads = scriptedReads();
    const caches = startCaches({ client: reads as unknown as KubernetesClient, clock, random: () => 0.5, namespaces });
    running.push(caches);
    const complete = async (): Promise<void> => {
      for (const watch of reads.watches) {
        const { resource, options } = watch;
        if (options.sendInitialEvents !== true) continue;
        const objects = (existing[resource.plural] ?? []).filter(
          ({ metadata }) => options.namespace === undefined || metadata.namespace === options.namespace,
        );
        watch.send(...objects.map((one) => ({ type: 'ADDED', object: one }) as const), bookmark('5', true));
      }
      await caches.synced;
    };
    return { clock, reads, caches, facts: factsOf(caches, { clock }), complete };
  };

  it('are unknown until the caches are complete, and say so', async () => {
    const { facts, complete } = start();
    for (const fact of [facts.storageClasses(), facts.get('Database', 'shop', 'orders'), facts.list('Database')]) {
      assert.ok(!fact.known);
      assert.match(fact.why ?? '', /just started/);
    }
    await complete();
    assert.ok(facts.storageClasses().known);
  });

  it('hold what was read', async () => {
    const { facts, complete } = start();
    await complete();
    const values = [
      facts.storageClasses(),
      facts.namespaceLabels('shop'),
      facts.secretKeys('shop', 'orders-secret'),
      facts.get('Database', 'shop', 'missing'),
    ].map((fact) => (fact.known ? fact.value : fact));
    assert.deepEqual(values, [
      [{ name: 'fast', allowVolumeExpansion: true, isDefault: false }],
      {},
      ['uri', 'password'],
      undefined,
    ]);
    const all = facts.list('Database');
    assert.equal(all.known && all.value.length, 2);
  });

  it('carry the time since the watch was last heard of, and end after 3 minutes of silence', async () => {
    const { clock, reads, facts, complete } = start();
    await complete();
    const databases = reads.watches.find(({ resource }) => resource.kind === 'Database')!;
    const age = (): unknown => {
      const fact = facts.get('Database', 'shop', 'orders');
      return fact.known ? fact.ageSeconds : fact.why;
    };
    assert.equal(age(), 0);
    await clock.advance(60_000);
    assert.equal(age(), 60);
    databases.send(bookmark('6'));
    await clock.advance(0);
    assert.equal(age(), 0, 'a bookmark is news');
    await clock.advance(100_000);
    databases.send({ type: 'ADDED', object: configMap('x', '7') });
    await clock.advance(0);
    assert.equal(age(), 0, 'and so is an event');
    await clock.advance(180_000);
    assert.equal(age(), 180);
    await clock.advance(1);
    assert.equal(age(), 'the operator has not heard of databases for 3 min');
    databases.send(bookmark('8'));
    await clock.advance(0);
    assert.equal(age(), 0, 'heard of again');
  });

  it('the loop goes on with what it has', async () => {
    const { clock, caches, complete } = start();
    await complete();
    await clock.advance(3_600_000);
    const fact = factsOf(caches, { clock, longestAge: Infinity }).get('Database', 'shop', 'orders');
    assert.deepEqual(fact.known && fact.ageSeconds, 3600);
  });

  it('know nothing beyond the namespaces that are watched', async () => {
    const { facts, complete } = start(['shop']);
    await complete();
    const here = facts.get('Database', 'shop', 'orders');
    assert.equal(here.known && here.value?.metadata.name, 'orders');
    assert.ok(facts.list('Database', 'shop').known);
    for (const fact of [
      facts.get('Database', 'bank', 'ledger'),
      facts.list('Database'),
      facts.list('Database', 'bank'),
    ]) {
      assert.equal(fact.known || fact.why, 'the operator watches some namespaces only');
      assert.equal(!fact.known && fact.lasting, true);
    }
    for (const fact of [facts.storageClasses(), facts.namespaceLabels('shop')]) {
      assert.match((!fact.known && fact.why) || '', /does not read/);
    }
  });

  it('foreign Secrets and namespaces that are not in the cache are unknown, not absent', async () => {
    const { facts, complete } = start();
    await complete();
    assert.equal(facts.secretKeys('shop', 'bucket').known, false);
    assert.equal(facts.namespaceLabels('brand-new').known, false);
    assert.equal(facts.get('Pod', 'shop', 'x').known, false, 'kinds that no rule asks for');
  });
});
