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
});
