/** What the npm package offers to other people's TypeScript: the kinds as types, their CRDs, and the verdict of admission. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { KubernetesObject } from './api/object.ts';
import { GROUP, ownKinds } from './api/resources.ts';
import { validateObject, type ValidationItem } from './cli/validate-object.ts';

export type { Condition, KubernetesObject, ObjectMeta, OwnerReference } from './api/object.ts';
export type * from './api/types.generated.ts';
export type { ValidationItem, Violation } from './cli/validate-object.ts';

export interface ValidateOptions {
  /** Warnings about the end of a version's life depend on it; now when absent. */
  readonly now?: Date;
}

/**
 * What admission would say if the object were created now: unknown fields, schema and every rule. What only a cluster can
 * tell becomes a warning. Any value may be given; this never throws.
 */
export function validate(object: unknown, options: ValidateOptions = {}): ValidationItem {
  const record = typeof object === 'object' && object !== null && !Array.isArray(object) ? object : {};
  return validateObject(record as Readonly<Record<string, unknown>>, options.now ?? new Date());
}

/** Absolute paths of the CRDs' YAML files, one per kind, as `kubectl apply -f` takes them. */
export const crdPaths: readonly string[] = ownKinds.map(({ plural }) =>
  fileURLToPath(new URL(`../crds/${GROUP}_${plural}.yaml`, import.meta.url)),
);

/** The CRDs as objects, ready to be applied. Rejects only if the package is not whole. */
export const readCrds = (): Promise<readonly KubernetesObject[]> =>
  Promise.all(crdPaths.map(async (path) => parse(await readFile(path, 'utf8')) as KubernetesObject));
