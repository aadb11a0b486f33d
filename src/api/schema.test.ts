import assert from 'node:assert/strict';
import { constantDefaults } from '../admission/defaults.ts';
import type { KubernetesObject } from './object.ts';
import { patterns } from './schema-patterns.ts';
import { pattern as wordsFor } from './schema-remedy.ts';
import {
  applySchemaDefaults,
  isOwnKind,
  schemaDefaults,
  schemaKinds,
  validateSchema,
  validateStatus,
} from './schema.ts';
import { schemas } from './schemas.generated.ts';
import type { StructuralSchema } from './structural.ts';
import type { OwnKindName } from './types.generated.ts';

const of = (kind: OwnKindName, spec: unknown, more: Record<string, unknown> = {}): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind,
  metadata: { name: 'x' },
  ...(spec !== undefined && { spec }),
  ...more,
});
const database = (spec: unknown) => validateSchema('Database', of('Database', spec));
const told = (spec: unknown) => database(spec).map(({ field, reason, message }) => `${field} ${reason} ${message}`);

describe('validateSchema', () => {
  it('accepts what the older spellings and inference allow: no engine, version, image, storage or size is required', () => {
    for (const spec of [
      {},
      { type: 'mysql', size: '1Gi' },
      { version: '8.0', size: 10737418240 },
      { image: 'redis:8' },
    ]) {
      assert.deepEqual(database(spec), []);
    }
  });

  const refused: readonly (readonly [title: string, spec: unknown, faults: readonly string[]])[] = [
    ['no spec', undefined, ['spec FieldValueRequired Required value; add spec']],
    ['null is absent', null, ['spec FieldValueRequired Required value; add spec']],
    [
      'a version without quotes',
      { version: 16 },
      [
        'spec.version FieldValueTypeInvalid Invalid value: "integer": spec.version in body must be of type string: "integer"; write it in quotes, "16": YAML reads it as a number without them (and 8.0 as 8)',
      ],
    ],
    [
      'a parameter that YAML reads as a boolean',
      { config: { parameters: { 'auto.explain': true } } },
      [
        'spec.config.parameters[auto.explain] FieldValueTypeInvalid Invalid value: "boolean": spec.config.parameters.auto.explain in body must be of type integer,string: "boolean"; write it in quotes: YAML reads true, false, on, off, yes and no without quotes as booleans',
      ],
    ],
    [
      'a fraction among the parameters',
      { config: { parameters: { random_page_cost: 1.1 } } },
      [
        'spec.config.parameters[random_page_cost] FieldValueTypeInvalid Invalid value: "number": spec.config.parameters.random_page_cost in body must be of type integer,string: "number"; write it in quotes, "1.1": YAML reads it as a number without them (and 8.0 as 8)',
      ],
    ],
    [
      'a number in quotes',
      { replicas: '3' },
      [
        'spec.replicas FieldValueTypeInvalid Invalid value: "string": spec.replicas in body must be of type integer: "string"; write it without quotes: 3',
      ],
    ],
    [
      'half a replica',
      { replicas: 1.5 },
      [
        'spec.replicas FieldValueTypeInvalid Invalid value: "float64": spec.replicas in body must be of type int32: "float64"; write a whole number without quotes',
      ],
    ],
    [
      'a boolean in quotes',
      { paused: 'yes' },
      [
        'spec.paused FieldValueTypeInvalid Invalid value: "string": spec.paused in body must be of type boolean: "string"; write it without quotes: true',
      ],
    ],
    [
      'an unknown engine',
      { engine: 'postgres' },
      [
        'spec.engine FieldValueNotSupported Unsupported value: "postgres": supported values: "postgresql", "mysql", "mariadb", "mongodb", "redis"; did you mean "postgresql"?',
      ],
    ],
    [
      'a version that is none',
      { version: 'latest' },
      [
        'spec.version FieldValueInvalid Invalid value: "latest": spec.version in body should match \'^[0-9]+(\\.[0-9]+){0,2}$\'; write one to three numbers with dots between them, such as "17", "16.3" or "8.0.36"',
      ],
    ],
    [
      'out of range',
      { replicas: 11 },
      ['spec.replicas FieldValueInvalid Invalid value: 11: spec.replicas in body should be less than or equal to 10'],
    ],
    [
      'a string where fields belong',
      { storage: '10Gi' },
      [
        'spec.storage FieldValueTypeInvalid Invalid value: "string": spec.storage in body must be of type object: "string"; write its fields: size, storageClass, autoGrow',
      ],
    ],
    [
      'a map where a list belongs',
      { podTemplate: { tolerations: {} } },
      [
        'spec.podTemplate.tolerations FieldValueTypeInvalid Invalid value: "object": spec.podTemplate.tolerations in body must be of type array: "object"; write a list: every item on a line of its own behind "- "',
      ],
    ],
    [
      'an empty item',
      { networkPolicy: { clients: [null] } },
      [
        'spec.networkPolicy.clients[0] FieldValueTypeInvalid Invalid value: "null": spec.networkPolicy.clients[0] in body must be of type object: "null"; remove the empty item',
      ],
    ],
    [
      'the same variable twice',
      { podTemplate: { env: [{ name: 'A' }, { name: 'B' }, { name: 'A', value: 'x' }] } },
      ['spec.podTemplate.env[2] FieldValueDuplicate Duplicate value: {"name":"A"}; remove one of the two'],
    ],
    [
      'a required field inside',
      { bootstrap: { recovery: { s3: { bucket: null } } } },
      ['spec.bootstrap.recovery.s3.bucket FieldValueRequired Required value; add bucket to spec.bootstrap.recovery.s3'],
    ],
    [
      'a day that does not exist',
      { bootstrap: { recovery: { targetTime: '2026-02-30T12:00:00Z' } } },
      [
        'spec.bootstrap.recovery.targetTime FieldValueTypeInvalid Invalid value: "2026-02-30T12:00:00Z": spec.bootstrap.recovery.targetTime in body must be of type date-time: "2026-02-30T12:00:00Z"; write date and time as in 2026-05-31T12:00:00Z',
      ],
    ],
    [
      'too long',
      { databaseName: 'x'.repeat(65) },
      ['spec.databaseName FieldValueTooLong Too long: may not be more than 64 bytes'],
    ],
    [
      'too many',
      { networkPolicy: { clients: Array.from({ length: 33 }, () => ({})) } },
      ['spec.networkPolicy.clients FieldValueTooMany Too many: 33: must have at most 32 items'],
    ],
  ];
  for (const [title, spec, faults] of refused) {
    it(`refuses: ${title}`, () => {
      assert.deepEqual(told(spec), faults);
    });
  }

  it('tells all faults, not the first', () => {
    const faults = database({
      engine: 5,
      version: 16,
      replicas: 0,
      storage: { size: true },
      config: { maxConnections: 0 },
    });
    assert.deepEqual(faults.map(({ field }) => field).sort(), [
      'spec.config.maxConnections',
      'spec.engine',
      'spec.replicas',
      'spec.storage.size',
      'spec.version',
    ]);
  });

  it('counts characters, not UTF-16 units', () => {
    assert.deepEqual(database({ databaseName: '😀'.repeat(64) }), []);
    assert.equal(database({ databaseName: '😀'.repeat(65) }).length, 1);
  });

  it('takes keys of prototypes as what they are: names', () => {
    const spec: unknown = JSON.parse(
      '{"__proto__":{"replicas":99},"constructor":1,"config":{"parameters":{"__proto__":true,"toString":"x"}}}',
    );
    assert.deepEqual(
      database(spec).map(({ field }) => field),
      ['spec.config.parameters[__proto__]'],
    );
    assert.equal(isOwnKind('constructor'), false);
  });

  it('refuses integers that int64 cannot hold', () => {
    assert.match(told({ size: 1e20 })[0]!, /^spec.size FieldValueTypeInvalid Invalid value: "number"/);
  });

  it('takes linear time on hostile strings and deep objects', () => {
    const deep: unknown = JSON.parse('{"a":'.repeat(5000) + '1' + '}'.repeat(5000));
    const started = performance.now();
    assert.equal(database({ storage: { storageClass: `${'a'.repeat(1_000_000)}!` }, unknown: deep }).length, 1);
    assert.equal(database({ storage: { storageClass: `${'a-'.repeat(126)}!` } }).length, 1);
    assert.equal(database({ version: `${'1.'.repeat(15)}x` }).length, 1);
    assert.ok(performance.now() - started < 100);
  });

  it('never repeats a long value whole', () => {
    const [fault] = database({ engine: 'x'.repeat(100_000) });
    assert.ok(fault!.message.length < 400);
  });

  it('does not look at status, which users cannot write; validateStatus does', () => {
    const object = of('Database', {}, { status: { phase: 'Sleeping' } });
    assert.deepEqual(validateSchema('Database', object), []);
    assert.deepEqual(
      validateStatus('Database', object).map(({ field }) => field),
      ['status.phase'],
    );
    assert.deepEqual(validateStatus('Database', of('Database', {})), []);
  });

  it('never changes its input', () => {
    const object = Object.freeze(
      of('Database', Object.freeze({ replicas: '3', storage: Object.freeze({ size: null }) })),
    );
    assert.equal(validateSchema('Database', object).length, 1);
  });
});

describe('defaults of the schemas', () => {
  for (const kind of schemaKinds) {
    it(`${kind}: the CRD and the webhook fill in the same constants, as far as a CRD can`, () => {
      // A volume's size is the webhook's alone: as a CRD default it would hide the older spelling.
      const webhook = [...constantDefaults(kind)].filter(([path]) => path !== 'spec.storage.size');
      assert.deepEqual(new Map([...schemaDefaults(kind)].sort()), new Map(webhook.sort()));
    });
  }

  it('are filled in only where the parent was written, nulls being absent', () => {
    const object = of('Database', { replicas: null, backup: {}, storage: { autoGrow: { max: '1Ti' } } });
    assert.deepEqual(applySchemaDefaults('Database', object)['spec'], {
      backup: { enabled: false },
      storage: { autoGrow: { max: '1Ti', threshold: 80 } },
      replicas: 1,
      changePolicy: 'Any',
      deletionPolicy: 'Retain',
      deletionProtection: false,
    });
  });

  it('leave what was written, and a spec that is none', () => {
    const full = { replicas: 0, changePolicy: 'x', deletionPolicy: 'Delete', deletionProtection: true };
    assert.deepEqual(applySchemaDefaults('Database', of('Database', full))['spec'], full);
    assert.deepEqual(applySchemaDefaults('Database', of('Database', 5)), of('Database', 5));
  });

  it('are legal values of their own schema', () => {
    const visit = (schema: StructuralSchema, path: string): void => {
      if (schema.enum !== undefined && schema.default !== undefined) {
        assert.ok(
          schema.enum.some((value) => value === schema.default),
          path,
        );
      }
      for (const [name, child] of Object.entries(schema.properties ?? {})) visit(child, `${path}.${name}`);
    };
    for (const kind of schemaKinds) visit(schemas[kind], kind);
  });
});

it('every pattern of a spec has words for people', () => {
  const ofSpec = (schema: StructuralSchema): readonly string[] => [
    ...(schema.pattern === undefined ? [] : [schema.pattern]),
    ...[...Object.values(schema.properties ?? {}), schema.items, schema.values].flatMap((child) =>
      child === undefined ? [] : ofSpec(child),
    ),
  ];
  for (const kind of schemaKinds) {
    for (const source of ofSpec(schemas[kind].properties!['spec']!)) {
      assert.ok(patterns.has(source));
      assert.notEqual(wordsFor(source), 'write a value of this form', source);
    }
  }
});
