import assert from 'node:assert/strict';
import { configMap } from '../../test/support/scripted-client.ts';
import { createMemoryStore } from './memory-store.ts';
import type { MemoryStoreOptions, MutableStore } from './memory-store.ts';
import type { Change } from './store.ts';

const byOwner: MemoryStoreOptions = {
  indexer: (object) => (typeof object['owner'] === 'string' ? [object['owner']] : []),
};

function watched(store: MutableStore): string[] {
  const seen: string[] = [];
  store.onChange(({ before, after, initial }: Change) => {
    const version = (object: Change['after']): string => object?.metadata.resourceVersion ?? '-';
    seen.push(
      `${(after ?? before)?.metadata.name ?? ''} ${version(before)}>${version(after)}${initial ? ' initial' : ''}`,
    );
  });
  return seen;
}

describe('memory store', () => {
  it('finds objects by name, by namespace and by index, and moves them when the index value changes', () => {
    const store = createMemoryStore(byOwner);
    store.upsert(configMap('a', '1', { owner: 'x' }));
    store.upsert(configMap('b', '2', { owner: 'x', namespace: 'other' }));
    assert.equal(store.get('ns', 'a')?.metadata.resourceVersion, '1');
    assert.equal(store.get('other', 'a'), undefined);
    assert.deepEqual(
      store.list('other').map(({ metadata }) => metadata.name),
      ['b'],
    );
    assert.deepEqual(
      store.byIndex('x').map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
    store.upsert(configMap('a', '3', { owner: 'y' }));
    assert.deepEqual(
      store.byIndex('x').map(({ metadata }) => metadata.name),
      ['b'],
    );
    store.remove(configMap('b', '4', { namespace: 'other' }));
    assert.deepEqual(store.byIndex('x'), []);
    assert.deepEqual(
      store.list().map(({ metadata }) => metadata.name),
      ['a'],
    );
  });

  it('tells of the first content as initial, and of nothing that stayed as it was', () => {
    const store = createMemoryStore();
    const seen = watched(store);
    store.replace([configMap('a', '1'), configMap('b', '2')], { initial: true });
    store.replace([configMap('a', '1'), configMap('b', '5'), configMap('c', '4')], { initial: false });
    store.replace([configMap('b', '5')], { initial: false });
    assert.deepEqual(seen, ['a ->1 initial', 'b ->2 initial', 'b 2>5', 'c ->4', 'a 1>-', 'c 4>-']);
  });

  it('replaces one namespace and leaves the others alone', () => {
    const store = createMemoryStore();
    store.upsert(configMap('a', '1', { namespace: 'left' }));
    store.upsert(configMap('b', '1', { namespace: 'right' }));
    store.replace([], { namespace: 'left', initial: false });
    assert.deepEqual(
      store.list().map(({ metadata }) => metadata.name),
      ['b'],
    );
  });

  it('ignores duplicated and replayed events, comparing versions as numbers', () => {
    const store = createMemoryStore();
    const seen = watched(store);
    store.upsert(configMap('a', '9'));
    store.upsert(configMap('a', '9'));
    store.upsert(configMap('a', '10'));
    store.upsert(configMap('a', '9'));
    assert.deepEqual(seen, ['a ->9', 'a 9>10']);
  });

  it('takes a namesake with a new uid even if its version is lower', () => {
    const store = createMemoryStore();
    store.upsert(configMap('a', '9', { uid: 'old' }));
    store.upsert(configMap('a', '3', { uid: 'new' }));
    assert.equal(store.get('ns', 'a')?.metadata.uid, 'new');
  });

  it('does not remove a namesake when the end of its predecessor is told late', () => {
    const store = createMemoryStore();
    store.upsert(configMap('a', '9', { uid: 'new' }));
    store.remove(configMap('a', '8', { uid: 'old' }));
    assert.equal(store.get('ns', 'a')?.metadata.uid, 'new');
  });

  it('believes a list with lower versions: etcd may have been restored', () => {
    const store = createMemoryStore();
    store.upsert(configMap('a', '900'));
    store.replace([configMap('a', '12')], { initial: false });
    assert.equal(store.get('ns', 'a')?.metadata.resourceVersion, '12');
  });

  it('shows the last state of what was deleted', () => {
    const store = createMemoryStore();
    const changes: Change[] = [];
    store.upsert(configMap('a', '1', { data: { key: 'old' } }));
    store.onChange((change) => changes.push(change));
    store.remove(configMap('a', '2', { data: { key: 'last' } }));
    assert.deepEqual(changes[0]!.before!['data'], { key: 'last' });
    assert.equal(changes[0]!.after, undefined);
  });

  describe('a list that comes bit by bit', () => {
    it('removes what it did not name, and only at its end', () => {
      const store = createMemoryStore();
      for (const name of ['a', 'b', 'c']) store.upsert(configMap(name, '1'));
      const seen = watched(store);
      const relisting = store.relist({ initial: false });
      relisting.put(configMap('b', '4'));
      assert.deepEqual(seen, ['b 1>4']);
      relisting.end();
      assert.deepEqual(seen, ['b 1>4', 'a 1>-', 'c 1>-']);
    });

    it('that is cut short removes nothing', () => {
      const store = createMemoryStore();
      for (const name of ['a', 'b']) store.upsert(configMap(name, '1'));
      const relisting = store.relist({ initial: false });
      relisting.put(configMap('b', '4'));
      relisting.abandon();
      assert.deepEqual(
        store.list().map(({ metadata }) => metadata.resourceVersion),
        ['1', '4'],
      );
    });

    it('that begins anew counts what it named before as not named', () => {
      const store = createMemoryStore();
      for (const name of ['a', 'b']) store.upsert(configMap(name, '1'));
      const relisting = store.relist({ initial: false });
      relisting.put(configMap('a', '1'));
      relisting.restart();
      relisting.put(configMap('b', '1'));
      relisting.end();
      assert.deepEqual(
        store.list().map(({ metadata }) => metadata.name),
        ['b'],
      );
    });

    it('leaves alone what came into the place of something that ended meanwhile', () => {
      const store = createMemoryStore();
      store.upsert(configMap('a', '1'));
      const relisting = store.relist({ initial: false, namespace: 'ns' });
      store.remove(configMap('a', '2'));
      store.upsert(configMap('x', '3', { namespace: 'other' }));
      relisting.end();
      assert.deepEqual(
        store.list().map(({ metadata }) => metadata.name),
        ['x'],
      );
    });
  });

  it('gives a copy at each read, and lists one at a time', () => {
    const store = createMemoryStore();
    for (const name of ['a', 'b']) store.upsert(configMap(name, '1', { data: { key: name } }));
    assert.notEqual(store.get('ns', 'a'), store.get('ns', 'a'));
    assert.deepEqual(store.get('ns', 'a'), store.get('ns', 'a'));
    const [first] = store.each('ns');
    assert.deepEqual(first?.['data'], { key: 'a' });
  });
});
