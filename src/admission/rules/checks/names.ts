/** Names of objects: our own policy is one for all kinds, because everything derived from a name must fit its own limit. */
import { dns1035LabelFault, longestDatabaseName } from '../../../values/names.ts';
import { invalid } from '../../field.ts';
import type { Finding } from '../../finding.ts';
import type { KubernetesObject } from '../../../api/object.ts';
import { expectedName } from '../read.ts';

/** `suffix` is the longest that is appended for a derived object whose own limit is `limit`. */
export interface Derived {
  readonly what: string;
  readonly suffix: string;
  readonly limit: number;
}

/** DNS-1035 and short enough for `derived`; a generateName is judged with the five characters that it will get. */
export function nameFault(object: KubernetesObject, derived: readonly Derived[]): Finding | undefined {
  const name = expectedName(object);
  if (name === '') return undefined;
  const generated = isGenerated(object);
  const field = generated ? 'metadata.generateName' : 'metadata.name';
  const shown = generated ? (object.metadata.generateName ?? '') : name;
  const tightest = derived.reduce<{ length: number; because: string }>(
    (best, { what, suffix, limit }) => {
      const length = limit - suffix.length;
      return length < best.length ? { length, because: `${what} "${shown}${suffix}" may have ${limit}` } : best;
    },
    { length: longestDatabaseName, because: 'names of further objects are derived from it' },
  );
  if (name.length > tightest.length) {
    const most = generated
      ? `${tightest.length} characters with the 5 that are appended`
      : `${tightest.length} characters`;
    return invalid(field, shown, `must be no more than ${most}: it has ${name.length}; ${tightest.because}`);
  }
  const fault = dns1035LabelFault(name);
  return fault === undefined
    ? undefined
    : invalid(field, shown, `${fault}; names of further objects are derived from it`);
}

const isGenerated = ({ metadata }: KubernetesObject): boolean =>
  typeof metadata.name !== 'string' || metadata.name === '';
