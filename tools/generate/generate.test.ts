import assert from 'node:assert/strict';
import { readCrds } from './crds.ts';
import type { Crd, Schema } from './crds.ts';
import { drifted } from './drift.ts';
import { schemasSource } from './schemas.ts';
import { typesSource } from './types.ts';

const crd = (spec: Schema, kind = 'Thing'): Crd => ({
  file: 'thing.yaml',
  kind,
  plural: 'things',
  schema: { type: 'object', required: ['spec'], properties: { spec, status: { type: 'object', properties: {} } } },
});
const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});

describe('generated types', () => {
  it('know required and optional fields, enums, int-or-string, lists and maps', () => {
    const text = typesSource(
      [
        crd(
          object(
            {
              a: { type: 'string', description: 'The a. */' },
              b: { type: 'string', enum: ['x', 'y'] },
              c: { 'x-kubernetes-int-or-string': true },
              d: { type: 'array', items: { type: 'string', enum: ['x', 'y'] } },
              e: object({}, { properties: {}, additionalProperties: { type: 'integer' } }),
              'f-g': { type: 'boolean' },
              h: object({ i: { type: 'integer' } }),
            },
            { required: ['a'] },
          ),
        ),
      ],
      '// header\n',
    );
    for (const line of [
      '// header',
      'export interface Thing extends KubernetesObject {',
      '  readonly status?: ThingStatus;',
      '  /** The a. * / */',
      '  readonly a: string;',
      '  readonly b?: "x" | "y";',
      '  readonly c?: number | string;',
      '  readonly d?: readonly ("x" | "y")[];',
      '  readonly e?: Readonly<Record<string, number>>;',
      '  readonly "f-g"?: boolean;',
      '  readonly h?: ThingSpecH;',
      'export type OwnObject = OwnKinds[OwnKindName];',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line}\n--- not in\n${text}`);
    }
  });

  it('stop when two shapes would get one name', () => {
    const one = object({ destination: object({ a: { type: 'string' } }) });
    const other = object({ destination: object({ b: { type: 'string' } }) });
    assert.throws(() => typesSource([crd(one), crd(other, 'Other')], ''), /BackupDestination already/);
    assert.doesNotThrow(() => typesSource([crd(one), crd(one, 'Other')], ''));
  });

  it('stop at a type they do not know', () => {
    assert.throws(() => typesSource([crd(object({ a: {} }))], ''), /Thing\.spec\.a: no TypeScript/);
  });
});

describe('generated schemas', () => {
  it('stop at a keyword that the check does not know, instead of letting everything through', () => {
    const schema = object({ a: { type: 'string', not: { enum: ['x'] } } });
    assert.throws(() => schemasSource([crd(schema)], ''), /Thing\.spec\.a: the schema check does not know not/);
  });

  it('carry no words for people and no CEL', () => {
    const text = schemasSource(readCrds(new URL('../../crds/', import.meta.url)), '');
    assert.doesNotMatch(text, /description|x-kubernetes/);
  });
});

it('a file that differs or is missing has drifted', () => {
  const files = new Map([
    ['same', 'a\n'],
    ['other', 'a'],
  ]);
  const outputs = new Map([
    ['other', 'b'],
    ['same', 'a\n'],
    ['missing', ''],
  ]);
  assert.deepEqual(
    drifted(outputs, (file) => files.get(file)),
    ['other', 'missing'],
  );
});

describe('the CRDs', () => {
  const crds = readCrds(new URL('../../crds/', import.meta.url));
  const visit = (schema: Schema, path: string, see: (schema: Schema, path: string) => void): void => {
    see(schema, path);
    for (const [name, child] of Object.entries(schema.properties ?? {})) visit(child, `${path}.${name}`, see);
    if (schema.additionalProperties !== undefined) visit(schema.additionalProperties, `${path}{}`, see);
    if (schema.items !== undefined) visit(schema.items, `${path}[]`, see);
  };

  it('describe every field', () => {
    const silent: string[] = [];
    for (const { kind, schema } of crds) {
      visit(schema, kind, (field, path) => {
        const isField = !path.endsWith(']') && !path.endsWith('}') && !path.includes('.metadata');
        if (isField && (field.description ?? '').length < 6) silent.push(path);
      });
    }
    assert.deepEqual(silent, []);
  });

  it('bound every string, list and map, so that CEL keeps its cost budget', () => {
    const unbounded: string[] = [];
    for (const { kind, schema } of crds) {
      visit(schema, kind, (field, path) => {
        if (/^\w+\.(apiVersion|kind)$/.test(path) || field.enum !== undefined || field.format === 'date-time') return;
        const limit = { string: 'maxLength', array: 'maxItems' }[field.type ?? ''];
        if (limit !== undefined && field[limit] === undefined) unbounded.push(`${path} ${limit}`);
        if (field.additionalProperties !== undefined && field['maxProperties'] === undefined) unbounded.push(path);
      });
    }
    assert.deepEqual(unbounded, []);
  });

  it('say how every list is merged, and have a message for every CEL rule', () => {
    for (const { kind, schema } of crds) {
      visit(schema, kind, (field, path) => {
        if (field.type === 'array') assert.ok(field['x-kubernetes-list-type'], path);
        for (const rule of (field['x-kubernetes-validations'] ?? []) as { rule: string; message?: string }[]) {
          assert.ok((rule.message ?? '').length > 20, `${path}: ${rule.rule}`);
        }
      });
    }
  });
});
