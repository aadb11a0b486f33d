/** JSON Patch and merge patch as the API server applies them, and a person's change. */
import { applyPatch } from 'rfc6902';
import type { KubernetesObject } from '../../src/api/object.ts';
import type { JsonPatch } from '../../src/kubernetes/client.ts';
import { ApiError } from '../../src/kubernetes/errors.ts';
import { isMap, merge } from './ownership.ts';
import type { Target } from './world-types.ts';

export const patched = (object: KubernetesObject, patch: JsonPatch, target: Target): KubernetesObject => {
  const copy = structuredClone(object);
  const failure = applyPatch(copy, structuredClone(patch) as never).find((outcome) => outcome !== null);
  if (failure === undefined) return copy;
  throw new ApiError(`the server rejected our request: patch of ${target.name} does not apply (${failure.message})`, {
    code: 422,
    reason: 'Invalid',
  });
};

export function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result = new Map<string, unknown>(Object.entries(isMap(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, mergePatched(result.get(name), value));
  }
  return Object.fromEntries(result);
}

/** What a person would do with kubectl apply, without field ownership: lays `change` over the object. */
export const layOver =
  (change: Readonly<Record<string, unknown>>) =>
  (object: KubernetesObject): KubernetesObject =>
    merge(object, change) as KubernetesObject;
