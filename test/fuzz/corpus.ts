/** Where mutations start: the examples of every rule, which between them speak of every field, and the manifests of examples/. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { noFacts, type Facts } from '../../src/admission/facts.ts';
import { rules } from '../../src/admission/rules/index.ts';
import type { KubernetesObject } from '../../src/api/object.ts';
import { schemas } from '../../src/api/schemas.generated.ts';
import type { StructuralSchema } from '../../src/api/structural.ts';

export interface Origin {
  readonly object: KubernetesObject;
  readonly oldObject?: KubernetesObject;
  readonly facts: Facts;
}

export interface Corpus {
  readonly origins: readonly Origin[];
  /** Every field name of our schemas, and the names in metadata. */
  readonly names: readonly string[];
}

const folder = path.resolve(import.meta.dirname, '../../examples');

export function readCorpus(): Corpus {
  const ofRules = rules.flatMap(({ accepted, refused }) =>
    [...accepted, ...refused].map(({ object, oldObject, facts }) => ({
      object,
      ...(oldObject && { oldObject }),
      facts: { ...noFacts, ...facts },
    })),
  );
  const files = ['', 'refused'].flatMap((inner) =>
    readdirSync(path.join(folder, inner))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => path.join(folder, inner, name)),
  );
  const ofFiles = files.map((file) => ({
    object: parse(readFileSync(file, 'utf8')) as KubernetesObject,
    facts: noFacts,
  }));
  const names = new Set([
    'metadata',
    'spec',
    'status',
    'name',
    'namespace',
    'generateName',
    'deletionTimestamp',
    'labels',
  ]);
  for (const schema of Object.values(schemas)) collect(schema, names);
  return { origins: [...ofRules, ...ofFiles], names: [...names] };
}

function collect(schema: StructuralSchema, names: Set<string>): void {
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    names.add(name);
    collect(inner, names);
  }
  if (schema.items !== undefined) collect(schema.items, names);
  if (schema.values !== undefined) collect(schema.values, names);
}
