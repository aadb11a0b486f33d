/**
 * Whether a live object has everything that is wanted of it. The API server adds defaults and others add fields, so this is
 * not equality: what we say must be there, what we don't say is not ours. A field that we stopped saying is found by the
 * hash of the intent, which is kept on the object as an annotation: it also spares every write after a restart.
 */
import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../api/object.ts';
import type { Fingerprint } from '../desired/hash.ts';
import { parseQuantity } from '../values/quantity.ts';
import { compareQuantities } from '../values/quantity-use.ts';

export const INTENT = 'database.example.com/intent';

type JsonMap = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) ? value.length === 0 : isMap(value) && Object.values(value).every(isEmpty));

const isFlat = (value: unknown): boolean => !isMap(value) || Object.keys(value).length === 0;

/** Maps that Kubernetes replaces as a whole: one key more changes what they select. */
const wholeMaps = new Set(['selector', 'matchLabels', 'podSelector', 'namespaceSelector', 'nodeSelector']);
/** Their members are written anew by the API server in canonical form: 1024Mi becomes 1Gi. */
const quantityMaps = new Set(['requests', 'limits', 'capacity']);
const quantityFields = new Set(['sizeLimit', 'storage']);

/** True when `live` has all that `wanted` says. */
export function covers(live: unknown, wanted: unknown, field = '', parent = ''): boolean {
  if (wanted === undefined || live === wanted) return true;
  if (live === undefined || live === null) return isEmpty(wanted);
  if (isEmpty(wanted) && isFlat(wanted)) return coversEmpty(live, wanted, field);
  if (Array.isArray(wanted)) return Array.isArray(live) && coversList(live, wanted);
  if (isMap(wanted)) return isMap(live) && coversMap(live, wanted, field);
  return (quantityMaps.has(parent) || quantityFields.has(field)) && sameQuantity(live, wanted);
}

function coversMap(live: JsonMap, wanted: JsonMap, field: string): boolean {
  if (wholeMaps.has(field) && Object.keys(live).length !== Object.keys(wanted).length) return false;
  return Object.entries(wanted).every(([name, value]) => covers(live[name], value, name, field));
}

/** Nothing wanted: nothing may be there where the value counts as a whole; elsewhere others may have added to it. */
const coversEmpty = (live: unknown, wanted: unknown, field: string): boolean =>
  isMap(wanted) && !wholeMaps.has(field) ? isMap(live) : isEmpty(live);

/** Items with a name may have company (an injected sidecar); lists without names are one value. */
function coversList(live: readonly unknown[], wanted: readonly unknown[]): boolean {
  const keys = wanted.map(itemKey);
  if (keys.every((key) => key !== undefined)) {
    const found = new Map(live.map((item) => [itemKey(item), item]));
    return wanted.every((item, index) => found.has(keys[index]) && covers(found.get(keys[index]), item));
  }
  return live.length === wanted.length && wanted.every((item, index) => covers(live[index], item));
}

function itemKey(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const key = item['mountPath'] ?? item['uid'] ?? item['name'];
  return typeof key === 'string' ? key : undefined;
}

function sameQuantity(a: unknown, b: unknown): boolean {
  const [x, y] = [a, b].map((value) =>
    typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined,
  );
  return x?.ok === true && y?.ok === true && compareQuantities(x.quantity, y.quantity) === 0;
}

/**
 * The object with the hash of itself as an annotation. Desired objects are equal byte by byte for equal inputs, so nothing
 * needs to be sorted: this runs for every object in every pass.
 */
export function stamp(object: KubernetesObject, fingerprint: Fingerprint = hashOf): KubernetesObject {
  const annotations = { ...object.metadata.annotations, [INTENT]: fingerprint(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

const hashOf: Fingerprint = (object) => createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16);

const identity = new Set(['apiVersion', 'kind', 'metadata']);

/** True when the live object needs no apply of `stamped`. */
export function isAsWanted(live: KubernetesObject, stamped: KubernetesObject): boolean {
  const { labels, annotations, ownerReferences } = stamped.metadata;
  return (
    covers(live.metadata.labels, labels) &&
    covers(live.metadata.annotations, annotations) &&
    covers(live.metadata.ownerReferences, ownerReferences) &&
    Object.entries(stamped)
      .filter(([field]) => !identity.has(field))
      .every(([field, value]) => covers(live[field], value, field))
  );
}
