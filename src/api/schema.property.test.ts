/** The check against ajv, an independent reader of the same YAML: both must accept and refuse the same objects. */
import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { readCrds } from '../../tools/generate/crds.ts';
import type { Schema } from '../../tools/generate/crds.ts';
import type { KubernetesObject } from './object.ts';
import { checkValue } from './schema-check.ts';
import { isClean } from './schema-quick.ts';
import { applySchemaDefaults, unknownFields, validateSchema } from './schema.ts';
import { schemas } from './schemas.generated.ts';
import type { StructuralSchema } from './structural.ts';
import type { OwnKindName } from './types.generated.ts';

const crds = readCrds(new URL('../../crds/', import.meta.url));

function compile(schema: Schema): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: false, ownProperties: true });
  ajv.addFormat('int32', true);
  ajv.addFormat('int64', true);
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d/);
  return ajv.compile({ type: 'object', required: ['spec'], properties: { spec: schema.properties?.['spec'] ?? {} } });
}

/** For ajv every number without a fraction is an integer; for the API server only what int64 holds. */
const inInt64 = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'number' && Math.abs(part) >= 2 ** 63 ? 1.5 : part,
  );

const junk = fc
  .oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.integer({ min: -5, max: 100_000 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom('', 'a', 'A-', '17', '8.0', 'x'.repeat(70), '😀'.repeat(40), '10Gi', 'on'),
  )
  .map(inInt64);

/** Values of which most are legal: junk alone would never get past the first field. */
function valueOf(schema: StructuralSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: legalValueOf(schema), weight: 100 }, { arbitrary: junk, weight: 1 });
}

function legalValueOf(schema: StructuralSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.intOrString === true) return fc.oneof(fc.integer(), fc.constantFrom('10Gi', '7', 'x'));
  switch (schema.type) {
    case 'object':
      return legalObjectOf(schema);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}), { maxLength: 3, minLength: schema.minItems ?? 0 });
    case 'string':
      return fc.constantFrom(schema.format === 'date-time' ? '2026-05-31T12:00:00Z' : 'abc', 'abc', '17');
    case 'integer':
      return fc.integer({ min: (schema.minimum ?? 0) - 1, max: Math.min(schema.maximum ?? 100, 2 ** 30) + 1 });
    default:
      return schema.type === 'boolean' ? fc.boolean() : junk;
  }
}

function legalObjectOf({ values, properties = {}, required = [] }: StructuralSchema): fc.Arbitrary<unknown> {
  if (values !== undefined) {
    return fc.dictionary(fc.constantFrom('a', 'b.c/d', '__proto__', 'toString'), valueOf(values), { maxKeys: 3 });
  }
  const fields = Object.entries(properties).map(([name, child]) => [name, valueOf(child)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] });
}

/** As the API server does before it checks: nulls in objects are taken out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([name, child]) => [name, withoutNulls(child)]));
}

describe('the check and ajv agree', () => {
  for (const crd of crds) {
    const kind = crd.kind as OwnKindName;
    const spec = schemas[kind].properties!['spec']!;
    const object = (value: unknown): KubernetesObject => ({
      apiVersion: 'example.com/v1',
      kind,
      metadata: { name: 'x' },
      spec: value,
    });

    it(`on any ${kind}`, function () {
      this.timeout(60_000);
      const judge = compile(crd.schema);
      const seen = { accepted: 0, refused: 0 };
      fc.assert(
        fc.property(valueOf(spec), (value) => {
          // ajv knows nothing of keys of lists.
          const faults = validateSchema(kind, object(value)).filter(({ reason }) => reason !== 'FieldValueDuplicate');
          seen[faults.length === 0 ? 'accepted' : 'refused'] += 1;
          assert.equal(faults.length === 0, judge(withoutNulls(object(value))), JSON.stringify([value, judge.errors]));
        }),
        // About one Database in a hundred is well-formed: a thousand hold some in practice always.
        { numRuns: kind === 'Database' ? 1_000 : 120 },
      );
      assert.ok(seen.accepted > 0 && seen.refused > 0, JSON.stringify(seen));
    });

    it(`on any ${kind}: what passes at the first glance has no fault, no null and no unknown field`, function () {
      this.timeout(60_000);
      let clean = 0;
      fc.assert(
        fc.property(valueOf(spec), fc.boolean(), (value, stray) => {
          const strayed = stray && typeof value === 'object' ? { ...value, stray: 1 } : value;
          // As it comes from JSON: objects made by the generator have no prototype.
          const given = JSON.parse(JSON.stringify(strayed)) as unknown;
          if (!isClean(kind, object(given))) return;
          clean += 1;
          assert.deepEqual(checkValue(spec, given, 'spec'), []);
          assert.deepEqual(unknownFields(kind, object(given)), []);
          assert.deepEqual(withoutNulls(given), given);
        }),
        { numRuns: 1_000 },
      );
      assert.ok(clean > 0);
    });

    it(`on any ${kind}: defaults never make a good object bad, and a second pass changes nothing`, () => {
      fc.assert(
        fc.property(valueOf(spec), (value) => {
          const once = applySchemaDefaults(kind, object(value));
          assert.deepEqual(applySchemaDefaults(kind, once), once);
          const before = validateSchema(kind, object(value)).map(({ field }) => field);
          assert.deepEqual(
            validateSchema(kind, once).map(({ field }) => field),
            before,
          );
        }),
        { numRuns: 40 },
      );
    });
  }

  it('arbitrary JSON as an object of ours throws nowhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...crds.map(({ kind }) => kind)), fc.jsonValue(), (kind, value) => {
        const object = value as KubernetesObject;
        if (typeof object !== 'object' || (object as unknown) === null) return;
        validateSchema(kind as OwnKindName, object);
        unknownFields(kind as OwnKindName, object);
        applySchemaDefaults(kind as OwnKindName, object);
      }),
    );
  });
});
