/** What the console of OLM shows of a kind: one descriptor for each field of a CRD's spec and status that has a form for people. */
import type { Crd, Schema } from './crds.ts';

export interface Descriptor {
  readonly path: string;
  readonly displayName: string;
  readonly description: string;
  readonly 'x-descriptors'?: readonly string[];
}

const ui = 'urn:alm:descriptor:com.tectonic.ui:';
const kubernetes = 'urn:alm:descriptor:io.kubernetes';

/** Fields whose meaning their type does not tell. */
const known: Readonly<Record<string, string>> = {
  replicas: `${ui}podCount`,
  readyReplicas: `${ui}podCount`,
  resources: `${ui}resourceRequirements`,
  phase: `${kubernetes}.phase`,
  conditions: `${kubernetes}.conditions`,
  secretName: `${kubernetes}:Secret`,
  certificateSecret: `${kubernetes}:Secret`,
  credentialsSecret: `${kubernetes}:Secret`,
  storageClass: `${kubernetes}:StorageClass`,
};

function xDescriptors(name: string, schema: Schema): readonly string[] {
  const own = known[name];
  if (own !== undefined) return [own];
  if (schema.enum !== undefined) return schema.enum.map((value) => `${ui}select:${String(value)}`);
  if (schema.type === 'boolean') return [`${ui}booleanSwitch`];
  if (schema.type === 'integer') return [`${ui}number`];
  return schema.type === 'string' || schema['x-kubernetes-int-or-string'] === true ? [`${ui}text`] : [];
}

/** `storage.storageClass` → `Storage Class`. */
function displayName(path: readonly string[]): string {
  const words = path.slice(-2).flatMap((part) => part.replace(/([a-z])([A-Z])/g, '$1 $2').split(' '));
  return words
    .filter((word, index) => word.toLowerCase() !== words[index - 1]?.toLowerCase())
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

/** Forms show values two levels down; what lies deeper is edited as YAML. */
const deepest = 2;

function descriptors(schema: Schema, path: readonly string[]): readonly Descriptor[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const here = [...path, name];
    const kinds = xDescriptors(name, field);
    if (kinds.length > 0) {
      const one = { path: here.join('.'), displayName: displayName(here), description: field.description ?? '' };
      return [{ ...one, 'x-descriptors': kinds }];
    }
    return here.length < deepest && field.type === 'object' ? descriptors(field, here) : [];
  });
}

/** Of `spec` or `status`, in the order of the CRD. */
export const descriptorsOf = ({ schema }: Crd, part: 'spec' | 'status'): readonly Descriptor[] =>
  descriptors(schema.properties?.[part] ?? {}, []);
