import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { KubernetesObject } from '../api/object.ts';
import * as resources from '../api/resources.ts';
import { mergePatched } from '../../test/simulation/patches.ts';
import { wakeUps } from './index.ts';
import { mergePatchOf } from './merge-patch.ts';

const object = (kind: string, name: string, labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'shop', labels },
});
const label = 'database.example.com/name';

describe('wake-ups', () => {
  it('a changed Database wakes itself', () => {
    const after = object('Database', 'orders');
    assert.deepEqual(wakeUps(resources.Database, { before: undefined, after, initial: false }), [
      { controller: 'database', key: 'shop/orders' },
    ]);
  });
  it('a child wakes the Database that its label names, also when it is gone', () => {
    const before = object('Service', 'x', { [label]: 'orders' });
    assert.deepEqual(wakeUps(resources.Service, { before, after: undefined, initial: false }), [
      { controller: 'database', key: 'shop/orders' },
    ]);
  });
  it('a child whose label changes wakes both', () => {
    const [before, after] = [object('Pod', 'x', { [label]: 'a' }), object('Pod', 'x', { [label]: 'b' })];
    assert.deepEqual(
      wakeUps(resources.Pod, { before, after, initial: false }).map(({ key }) => key),
      ['shop/a', 'shop/b'],
    );
  });
  it('other kinds of ours wake themselves, strangers nobody', () => {
    const user = object('DatabaseUser', 'ann');
    assert.deepEqual(wakeUps(resources.DatabaseUser, { before: user, after: user, initial: false }), [
      { controller: 'databaseuser', key: 'shop/ann' },
    ]);
    assert.deepEqual(wakeUps(resources.Pod, { before: undefined, after: object('Pod', 'x'), initial: false }), []);
  });
});

describe('wake-ups of what belongs to other kinds', () => {
  const labels = {
    'database.example.com/owner-kind': 'DatabaseUser',
    'database.example.com/owner-name': 'ann',
    'database.example.com/owner-namespace': 'people',
  };
  it('a copy in another namespace wakes the object that it belongs to', () => {
    const after = object('Secret', 'x', labels);
    assert.deepEqual(wakeUps(resources.Secret, { before: undefined, after, initial: false }), [
      { controller: 'databaseuser', key: 'people/ann' },
    ]);
  });
  it('a changed Database wakes those that refer to it, too', () => {
    const after = object('Database', 'orders');
    assert.deepEqual(
      wakeUps(resources.Database, { before: after, after, initial: false }, () => [
        object('DatabaseBackup', 'nightly'),
      ]),
      [
        { controller: 'database', key: 'shop/orders' },
        { controller: 'databasebackup', key: 'shop/nightly' },
      ],
    );
  });
});

describe('merge patch', () => {
  const plain = { noNullPrototype: true };
  const json = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(
      fc.integer(),
      fc.array(fc.integer(), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('x', 'y'), fc.integer(), plain),
    ),
    plain,
  );
  it('turns any object into any other, and is nothing when they are equal', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const patch = mergePatchOf(before, after);
        assert.deepEqual({ ...(mergePatched(before, patch ?? {}) as object) }, { ...after });
        assert.equal(mergePatchOf(after, structuredClone(after)), undefined);
      }),
    );
  });
});
