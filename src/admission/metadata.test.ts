import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import { decide } from './decide.ts';
import { noFacts } from './facts.ts';
import { metadataFaults, withPlainMetadata } from './metadata.ts';
import { database } from './rules/examples.ts';
import { requestFor } from './testing.ts';

const withMetadata = (metadata: object): KubernetesObject => ({ ...database(), metadata: metadata as never });

describe('metadata', () => {
  it('is left as it is when it is sound', () => {
    const object = database();
    assert.equal(withPlainMetadata(object), object);
    assert.deepEqual(metadataFaults(object), []);
  });

  it('always has a name that is text, and keeps what is sound', () => {
    const object = withMetadata({ name: 5, generateName: 'x-', namespace: null, labels: { a: 'b' }, odd: 1 });
    assert.deepEqual(withPlainMetadata(object).metadata, { name: '', generateName: 'x-', labels: { a: 'b' } });
    assert.deepEqual(withPlainMetadata(withMetadata({ generateName: 'x-' })).metadata, {
      name: '',
      generateName: 'x-',
    });
  });

  it('name-not-text: is refused with its field and trips no rule', () => {
    const panics: string[] = [];
    const context = { now: new Date('2026-11-20T12:00:00Z'), facts: noFacts, onPanic: (id: string) => panics.push(id) };
    for (const stored of [undefined, database({ version: '16' })]) {
      const { refusal } = decide(requestFor(withMetadata({ name: 5 }), stored), context);
      assert.equal(refusal?.code, 422);
      assert.ok(refusal.details?.causes?.some(({ field }) => field === 'metadata.name'));
    }
    assert.deepEqual(panics, []);
  });
});
