/**
 * CRD schemas → TypeScript. Every nested object gets an interface of its own with a name that stays the same when
 * other fields come and go, because the whole code base imports them; the same shape in two places is one interface.
 */
import type { Crd, Schema } from './crds.ts';
import { typeName } from './type-names.ts';

interface Context {
  /** Interface name → its text without descriptions: two shapes under one name are a mistake. */
  readonly shapes: Map<string, string>;
  readonly blocks: string[];
}

const comment = (description: string | undefined, indent: string): string =>
  description === undefined ? '' : `${indent}/** ${description.replaceAll('*/', '* /')} */\n`;

const propertyName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** Shape of a schema for comparison: what remains when the words for people are taken away. */
const shapeOf = (schema: Schema): string =>
  JSON.stringify(schema, (key, value: unknown) =>
    key === 'x-kubernetes-validations' || (key === 'description' && typeof value === 'string') ? undefined : value,
  );

function declare(context: Context, name: string, path: string, schema: Schema): void {
  const shape = shapeOf(schema);
  const known = context.shapes.get(name);
  if (known === shape) return;
  if (known !== undefined)
    throw new Error(`${path}: another shape is called ${name} already; name it in type-names.ts`);
  context.shapes.set(name, shape);
  const at = context.blocks.push('') - 1;
  const required = new Set(schema.required);
  const lines = Object.entries(schema.properties ?? {}).map(
    ([key, value]) =>
      `${comment(value.description, '  ')}  readonly ${propertyName(key)}${required.has(key) ? '' : '?'}: ${typeOf(context, `${path}.${key}`, value)};\n`,
  );
  context.blocks[at] = `${comment(schema.description, '')}export interface ${name} {\n${lines.join('')}}\n`;
}

function typeOf(context: Context, path: string, schema: Schema): string {
  if (path.endsWith('.conditions')) return 'readonly Condition[]';
  if (schema['x-kubernetes-int-or-string'] === true) return 'number | string';
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array': {
      const item = typeOf(context, `${path}[]`, schema.items ?? {});
      return `readonly ${item.includes(' ') ? `(${item})` : item}[]`;
    }
    case 'object': {
      if (schema.additionalProperties !== undefined) {
        return `Readonly<Record<string, ${typeOf(context, `${path}{}`, schema.additionalProperties)}>>`;
      }
      const name = typeName(path);
      declare(context, name, path, schema);
      return name;
    }
    default:
      throw new Error(`${path}: no TypeScript for type ${JSON.stringify(schema.type)}`);
  }
}

function declareKind(context: Context, { kind, schema }: Crd): void {
  const { spec, status } = schema.properties ?? {};
  if (spec === undefined || status === undefined) throw new Error(`${kind}: the schema has no spec or no status`);
  const at = context.blocks.push('') - 1;
  const specType = typeOf(context, `${kind}.spec`, spec);
  const statusType = typeOf(context, `${kind}.status`, status);
  context.blocks[at] =
    `${comment(schema.description, '')}export interface ${kind} extends KubernetesObject {\n` +
    `  readonly apiVersion: 'example.com/v1';\n  readonly kind: '${kind}';\n` +
    `${comment(spec.description, '  ')}  readonly spec: ${specType};\n` +
    `${comment(status.description, '  ')}  readonly status?: ${statusType};\n}\n`;
}

export function typesSource(crds: readonly Crd[], header: string): string {
  const context: Context = { shapes: new Map(), blocks: [] };
  for (const crd of crds) declareKind(context, crd);
  const kinds = crds.map((crd) => crd.kind);
  return [
    `${header}import type { Condition, KubernetesObject } from './object.ts';\n`,
    ...context.blocks,
    `export interface OwnKinds {\n${kinds.map((kind) => `  readonly ${kind}: ${kind};\n`).join('')}}\n`,
    `export type OwnKindName = keyof OwnKinds;\n`,
    `export type OwnObject = OwnKinds[OwnKindName];\n`,
  ].join('\n');
}
