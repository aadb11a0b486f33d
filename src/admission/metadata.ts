/**
 * Of metadata, what rules read: the API server has looked at it long before a webhook is asked, but files are checked
 * without one, and whoever reaches the port can send anything.
 */
import type { KubernetesObject } from '../api/object.ts';
import type { Finding } from './finding.ts';

const texts = ['name', 'generateName', 'namespace'] as const;

type Loose = Partial<Record<(typeof texts)[number], unknown>>;

const isFault = (value: unknown): boolean => value !== undefined && value !== null && typeof value !== 'string';

/** Names that are no text. */
export const metadataFaults = ({ metadata }: KubernetesObject): readonly Finding[] =>
  texts
    .filter((name) => isFault((metadata as Loose)[name]))
    .map((name) => ({
      field: `metadata.${name}`,
      reason: 'FieldValueTypeInvalid',
      message: `Invalid value: metadata.${name} must be a string; put quotes around it`,
      severity: 'deny',
    }));

/** Of metav1.ObjectMeta; anything else is not stored and could be any amount. */
const others = [
  'uid',
  'generation',
  'resourceVersion',
  'labels',
  'annotations',
  'creationTimestamp',
  'deletionTimestamp',
  'finalizers',
  'ownerReferences',
] as const;

/** With a name that is text, '' where there is none, and nothing else that is not; the same object when it is so already. */
export function withPlainMetadata(object: KubernetesObject): KubernetesObject {
  const loose = object.metadata as Loose & Partial<Record<(typeof others)[number], unknown>>;
  const plain = texts.every((name) => loose[name] === undefined || typeof loose[name] === 'string');
  if (plain && loose.name !== undefined) return object;
  const kept = [
    ...texts.filter((name) => typeof loose[name] === 'string').map((name) => [name, loose[name]] as const),
    ...others.filter((name) => loose[name] !== undefined).map((name) => [name, loose[name]] as const),
  ];
  return { ...object, metadata: { name: '', ...Object.fromEntries(kept) } };
}
