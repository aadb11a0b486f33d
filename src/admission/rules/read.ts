/** What several rules read from an object. */
import type { KubernetesObject } from '../../api/object.ts';
import type { Database } from '../../api/types.generated.ts';
import { engineByName } from '../../engines/index.ts';
import type { Engine } from '../../engines/engine.ts';
import { getIn } from '../json.ts';

/** Undefined when no engine is named or none has that name: other rules say so. */
export const engineOf = (database: Database): Engine | undefined =>
  database.spec.engine === undefined ? undefined : engineByName(database.spec.engine);

/** Characters that the API server appends to `generateName`. */
const generatedSuffix = 'xxxxx';

/** The name that it has, or one as long as the one it will get. */
export function expectedName(object: KubernetesObject): string {
  const { name, generateName } = object.metadata as Partial<KubernetesObject['metadata']>;
  if (typeof name === 'string' && name !== '') return name;
  return typeof generateName === 'string' ? generateName + generatedSuffix : '';
}

export function namespaceOf(object: KubernetesObject): string {
  const namespace = getIn(object, ['metadata', 'namespace']);
  return typeof namespace === 'string' && namespace !== '' ? namespace : 'default';
}

/** `a, b or c`. */
export const oneOf = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
