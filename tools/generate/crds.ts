/** Reads the CRD YAML, the one source of what the kinds look like. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The part of a structural schema that the generators speak about. */
export interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly [keyword: string]: unknown;
}

export interface Crd {
  readonly file: string;
  readonly kind: string;
  readonly plural: string;
  readonly schema: Schema;
}

interface CrdYaml {
  readonly spec: {
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** In the order of their files. `directory` ends with `/`. */
export function readCrds(directory: URL): readonly Crd[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.yaml'));
  return files.sort().map((file) => {
    const { spec } = parse(readFileSync(new URL(file, directory), 'utf8')) as CrdYaml;
    const version = spec.versions[0];
    if (version === undefined) throw new Error(`${file}: spec.versions is empty`);
    return { file, kind: spec.names.kind, plural: spec.names.plural, schema: version.schema.openAPIV3Schema };
  });
}
