/** Nothing that opens a door gets into a report: known values are struck out, and what looks like one as well. */
import type { KubernetesObject } from '../../api/object.ts';

export const struck = '<redacted>';

/** Keys of the operator's own Secrets that open nothing, and without which a report says little. */
const harmlessKeys = new Set(['username', 'host', 'port', 'database', 'ca.crt', 'tls.crt']);

/** A chart's whole state, compressed: larger than any credential, and in no log. */
const passedOver = 'helm.sh/release.v1';
/** Lines of a key or a certificate's key are struck out one by one: texts break and indent them. */
const shortestLine = 16;

/** Values of Secrets as they may appear in a text: plain, encoded for a URI, in base64, in JSON. Longest first. */
export function secretValues(secrets: readonly KubernetesObject[]): readonly string[] {
  const plain = secrets
    .filter((secret) => secret['type'] !== passedOver)
    .flatMap((secret) =>
      Object.entries((secret['data'] ?? {}) as Readonly<Record<string, string>>)
        .filter(([key]) => !harmlessKeys.has(key))
        .map(([, value]) => Buffer.from(value, 'base64').toString('utf8').trim()),
    );
  const lines = plain.flatMap((value) =>
    value
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.length >= shortestLine),
  );
  const forms = [...plain, ...lines]
    .filter((value) => value !== '')
    .flatMap((value) => [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString('base64'),
      JSON.stringify(value).slice(1, -1),
    ]);
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length);
}

/** Shorter ones are struck out as whole words only: `a` is in every line. */
const shortValue = 6;
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** What is told by its surroundings: URIs with a password, assignments, SQL, private keys, tokens. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]{0,256}:)[^\s/@]{1,1024}@/gi, `$1${struck}@`],
  [
    /(\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:password\s+)?)('(?:[^']|'')*'|"[^"]*"|0x[0-9a-f]+)/gi,
    `$1${struck}`,
  ],
  [/(\b(?:bearer|basic)\s+)[\w+/=.~-]{6,}/gi, `$1${struck}`],
  [
    /((?:password|passwd|secret|token|masterauth|requirepass|authorization|api[-_]?key)["']?\s*[=:]\s*)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,;"']+)/gi,
    `$1${struck}`,
  ],
  // Not what follows the bare word: "password authentication failed" is what a report is for.
  [/(\bpassword\s+)("[^"]*"|'(?:[^']|'')*')/gi, `$1${struck}`],
  [/(\b(?:masterauth|requirepass)\s+)("[^"]*"|\S+)/gi, `$1${struck}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, struck],
  [/\b(?:SCRAM-SHA-256\$|md5)[0-9A-Za-z+/=:$]{20,}/g, struck],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+/g, struck],
];

export type Redact = (text: string) => string;

/** `values` as `secretValues` gives them. */
export function redactor(values: readonly string[]): Redact {
  const known = values.map((value) =>
    value.length < shortValue ? new RegExp(`(?<![A-Za-z0-9])${escaped(value)}(?![A-Za-z0-9])`, 'g') : value,
  );
  return (text) => {
    const without = known.reduce<string>((left, value) => left.replaceAll(value, () => struck), text);
    return patterns.reduce((left, [pattern, instead]) => left.replaceAll(pattern, instead), without);
  };
}

const applied = 'kubectl.kubernetes.io/last-applied-configuration';
const isEnvironment = (entry: unknown): entry is { readonly name: string; readonly value: unknown } =>
  typeof entry === 'object' && entry !== null && 'name' in entry && 'value' in entry;

/**
 * Without what repeats the object (the last applied configuration, managed fields) and without values of `env`; texts are
 * redacted one by one, because YAML folds and escapes them.
 */
export const bare = (object: KubernetesObject, redact: Redact): unknown =>
  object.kind === 'Secret' ? bareSecret(object) : strip(object, redact);

function strip(value: unknown, redact: Redact, key = ''): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) {
    return value.map((entry) =>
      key === 'env' && isEnvironment(entry) ? { ...entry, value: struck } : strip(entry, redact),
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'managedFields' && name !== applied)
      .map(([name, child]) => [name, isSetting(name, child) ? struck : strip(child, redact, name)]),
  );
}

/** A setting or variable whose name says what it holds; references to Secrets are objects, and names of keys end otherwise. */
const isSetting = (name: string, value: unknown): boolean =>
  (typeof value === 'string' || typeof value === 'number') &&
  /(?:password|passwd|secret|token|masterauth|requirepass)$/i.test(name) &&
  !/^(?:credentials|certificate)Secret$/.test(name);

/** Which keys there are, and of how many bytes: enough to see that one is empty. Annotations may hold a copy. */
function bareSecret(secret: KubernetesObject): unknown {
  const { name, namespace, uid, labels, creationTimestamp, ownerReferences, deletionTimestamp } = secret.metadata;
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>;
  return {
    apiVersion: secret.apiVersion,
    kind: secret.kind,
    type: secret['type'],
    metadata: { name, namespace, uid, labels, creationTimestamp, deletionTimestamp, ownerReferences },
    bytes: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').length])),
  };
}
