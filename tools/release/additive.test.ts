import assert from 'node:assert/strict';
import { notAdditive, type Definition, type Schema } from './additive.ts';

const definition = (schema: Schema, more: Partial<Definition['spec']> = {}): Definition => ({
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things' },
    versions: [{ name: 'v1', served: true, schema: { openAPIV3Schema: schema } }],
    ...more,
  },
});
const field = (schema: Schema): Definition => definition({ type: 'object', properties: { a: schema } });

describe('a CRD over an older one', () => {
  const text: Schema = { type: 'string' };
  const table: readonly (readonly [what: string, before: Definition, now: Definition, expected: readonly string[]])[] =
    [
      ['the same', field(text), field(text), []],
      ['a new optional field', field(text), definition({ type: 'object', properties: { a: text, b: text } }), []],
      [
        'a field that goes',
        field(text),
        definition({ type: 'object', properties: {} }),
        ['v1.a is gone: what is stored there would be pruned'],
      ],
      ['another type', field(text), field({ type: 'integer' }), ['v1.a: type differs']],
      [
        'another default',
        field({ ...text, default: 'x' }),
        field({ ...text, default: 'y' }),
        ['v1.a: default differs'],
      ],
      ['a default for what was absent', field(text), field({ ...text, default: 'y' }), ['v1.a: default differs']],
      ['a value more', field({ enum: ['x'] }), field({ enum: ['x', 'y'] }), []],
      ['a value less', field({ enum: ['x', 'y'] }), field({ enum: ['x'] }), ['v1.a: "y" is no longer allowed']],
      ['a list of values where there was none', field(text), field({ ...text, enum: ['x'] }), ['v1.a: enum is new']],
      ['a wider range', field({ minimum: 1, maximum: 5 }), field({ minimum: 0, maximum: 9 }), []],
      [
        'a narrower range',
        field({ minimum: 1, maximum: 5 }),
        field({ minimum: 2, maximum: 4 }),
        ['v1.a: maximum is tighter', 'v1.a: minimum is tighter'],
      ],
      ['a new bound', field(text), field({ ...text, maxLength: 5 }), ['v1.a: maxLength is tighter']],
      ['a pattern that goes', field({ ...text, pattern: 'x' }), field(text), []],
      [
        'another pattern',
        field({ ...text, pattern: 'x' }),
        field({ ...text, pattern: 'y' }),
        ['v1.a: pattern is new or differs'],
      ],
      ['null refused', field({ ...text, nullable: true }), field(text), ['v1.a: nullable is gone']],
      [
        'a required field',
        field(text),
        definition({ type: 'object', properties: { a: text }, required: ['a'] }),
        ['v1.a has become required'],
      ],
      [
        'a field no longer required',
        definition({ type: 'object', properties: { a: text }, required: ['a'] }),
        field(text),
        [],
      ],
      [
        'a new rule',
        field(text),
        field({ ...text, 'x-kubernetes-validations': [{ rule: 'self != ""' }] }),
        ['v1.a: a new rule: self != ""'],
      ],
      ['within lists', field({ items: text }), field({ items: { type: 'integer' } }), ['v1.a[]: type differs']],
      ['within maps', field({ additionalProperties: text }), field({}), ['v1.a: additionalProperties is gone']],
      [
        'another short name',
        field(text),
        definition({ type: 'object', properties: { a: text } }, { names: { plural: 'things', shortNames: ['t'] } }),
        ['spec.names differs'],
      ],
      ['a version that goes', field(text), definition({}, { versions: [] }), ['version v1 is gone']],
    ];
  for (const [what, before, now, expected] of table) {
    it(`${what}: ${expected.length === 0 ? 'is fine' : 'is told'}`, () =>
      assert.deepEqual(notAdditive(before, now), expected));
  }
});
