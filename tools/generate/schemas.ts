/**
 * CRD schemas → data for `src/api/schema.ts`. A keyword that the check does not know stops the generator: otherwise it
 * would quietly let through what the API server refuses.
 */
import type { StructuralSchema } from '../../src/api/structural.ts';
import type { Crd, Schema } from './crds.ts';

const copied = new Set([
  'type',
  'format',
  'enum',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'maxProperties',
  'required',
]);
const ignored = new Set(['description', 'x-kubernetes-validations', 'x-kubernetes-map-type', 'anyOf']);

function structural(path: string, schema: Schema): StructuralSchema {
  const out: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (ignored.has(keyword)) continue;
    else if (copied.has(keyword)) out[keyword] = value;
    else if (keyword === 'x-kubernetes-int-or-string') out['intOrString'] = true;
    else if (keyword === 'properties') out['properties'] = properties(path, schema);
    else if (keyword === 'additionalProperties') out['values'] = structural(`${path}{}`, value as Schema);
    else if (keyword === 'items') out['items'] = structural(`${path}[]`, value as Schema);
    else if (keyword === 'x-kubernetes-list-map-keys') out['mapKeys'] = value;
    else if (keyword === 'x-kubernetes-list-type') {
      if (value === 'set') out['set'] = true;
    } else throw new Error(`${path}: the schema check does not know ${keyword}`);
  }
  return out;
}

const properties = (path: string, schema: Schema): Record<string, StructuralSchema> =>
  Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, value]) => [name, structural(`${path}.${name}`, value)]),
  );

function ofKind({ kind, schema }: Crd): StructuralSchema {
  const { spec, status } = schema.properties ?? {};
  if (spec === undefined || status === undefined) throw new Error(`${kind}: the schema has no spec or no status`);
  return structural(kind, { type: 'object', required: schema.required ?? [], properties: { spec, status } });
}

/** JSON with short objects on one line: half the size when compiled, and diffs that can be read. */
function compact(value: unknown, indent: string): string {
  const line = JSON.stringify(value);
  if (line.length + indent.length <= 116 || typeof value !== 'object' || value === null || Array.isArray(value)) {
    return line;
  }
  const rows = Object.entries(value).map(
    ([name, child]) => `${indent} ${JSON.stringify(name)}: ${compact(child, `${indent} `)},\n`,
  );
  return `{\n${rows.join('')}${indent}}`;
}

export function schemasSource(crds: readonly Crd[], header: string): string {
  const rows = crds.map((crd) => ` ${crd.kind}: ${compact(ofKind(crd), ' ')},\n`);
  return (
    `${header}import type { StructuralSchema } from './structural.ts';\nimport type { OwnKindName } from './types.generated.ts';\n\n` +
    `/** spec and status of each kind. */\nexport const schemas: Readonly<Record<OwnKindName, StructuralSchema>> = {\n${rows.join('')}};\n`
  );
}
