/**
 * Server-side apply that knows when it has nothing to say. An apply that changes nothing still costs a request, a webhook
 * call and an audit line; "idle means silent" needs it not to be sent. What we applied last is remembered together with
 * what the object looked like afterwards: if neither the intent nor that has changed, it is skipped.
 *
 * What an object looks like is its `generation` and the metadata that we may own, or its resourceVersion for kinds
 * without generation: so the constant status writes of a StatefulSet cause no apply, and an edited ConfigMap or a label
 * removed by hand is put right in one pass.
 */
import { createHash } from 'node:crypto';
import type { KubernetesObject, Resource } from '../api/object.ts';
import type { Clock } from '../values/clock.ts';
import type { ApplyOptions, KubernetesClient } from './client.ts';
import { apiVersion } from '../api/resources.ts';
import { isOlder } from './resource-version.ts';
import { trim } from './trim.ts';

export interface Applied {
  readonly outcome: 'skipped' | 'applied';
  /** What the API server answered, or `current` when skipped. */
  readonly object: KubernetesObject;
}

export interface Applier {
  /**
   * Applies `intent` unless `current` (from a store; undefined when it does not exist) is as our last apply of the same
   * intent left it. Rejects with `ApiError`; a conflict is only possible without `force`.
   */
  apply(
    resource: Resource,
    intent: KubernetesObject,
    current: KubernetesObject | undefined,
    options?: Partial<ApplyOptions>,
  ): Promise<Applied>;
  /** True when `apply` would skip. */
  upToDate(
    resource: Resource,
    intent: KubernetesObject,
    current: KubernetesObject | undefined,
    options?: Partial<ApplyOptions>,
  ): boolean;
  /** Drops what is remembered of an object. */
  forget(resource: Resource, namespace: string | undefined, name: string): void;
}

export interface ApplierOptions {
  readonly client: Pick<KubernetesClient, 'apply'>;
  readonly clock: Clock;
  /** After this long an intent is applied again, whatever is remembered; 24 h. */
  readonly ttlMilliseconds?: number;
  /** Objects remembered at most; the one applied longest ago is dropped first. */
  readonly maxEntries?: number;
}

const CATCH_UP_MILLISECONDS = 60_000;

interface Memory {
  readonly intent: string;
  readonly fingerprint: string;
  readonly uid: string | undefined;
  readonly version: string | undefined;
  readonly at: number;
}

/** JSON with sorted keys, so that equal values have equal text. Absent and undefined are the same. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return value === undefined ? 'null' : JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`);
  return `{${fields.join(',')}}`;
}

const hash = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('base64url');

/** Changes exactly when somebody changed what an apply of ours could put right. Stores must keep all of `metadata` for it. */
function fingerprint(object: KubernetesObject, subresource: string | undefined): string {
  const { uid = '', generation = 0, resourceVersion = '', labels, annotations, ...rest } = trim(object).metadata;
  if (generation === 0 || subresource !== undefined) return `${uid}/r${resourceVersion}`;
  const { finalizers, ownerReferences } = rest;
  return `${uid}/g${generation}/${hash([labels ?? {}, annotations ?? {}, finalizers ?? [], ownerReferences ?? []])}`;
}

export function createApplier(options: ApplierOptions): Applier {
  const { client, clock, ttlMilliseconds = 24 * 3_600_000, maxEntries = 20_000 } = options;
  const memories = new Map<string, Memory>();

  const keyOf = (resource: Resource, object: KubernetesObject, subresource: string | undefined): string =>
    [
      apiVersion(resource),
      resource.kind,
      object.metadata.namespace ?? '',
      object.metadata.name,
      subresource ?? '',
    ].join('|');
  const remember = (key: string, memory: Memory): void => {
    memories.delete(key);
    memories.set(key, memory);
    if (memories.size <= maxEntries) return;
    const oldest = memories.keys().next();
    if (oldest.done !== true) memories.delete(oldest.value);
  };
  const settled = (
    key: string,
    intent: string,
    current: KubernetesObject,
    subresource: string | undefined,
  ): boolean => {
    const memory = memories.get(key);
    if (memory === undefined) return false;
    const age = clock.now() - memory.at;
    if (memory.intent !== intent || age > ttlMilliseconds) return false;
    if (memory.fingerprint === fingerprint(current, subresource)) return true;
    // The store has not caught up with our apply; when it has, it will be looked at again. Not believed for ever: after a
    // restore of etcd versions start lower.
    const { uid, resourceVersion } = current.metadata;
    return age < CATCH_UP_MILLISECONDS && uid === memory.uid && isOlder(resourceVersion, memory.version);
  };
  const intentOf = (intent: KubernetesObject, force: boolean): string => hash({ intent, force });

  return {
    upToDate: (resource, intent, current, { force = true, subresource } = {}) =>
      current !== undefined &&
      settled(keyOf(resource, intent, subresource), intentOf(intent, force), current, subresource),
    async apply(resource, intent, current, { force = true, subresource } = {}) {
      const key = keyOf(resource, intent, subresource);
      const wanted = intentOf(intent, force);
      if (current !== undefined && settled(key, wanted, current, subresource))
        return { outcome: 'skipped', object: current };
      memories.delete(key);
      const object = await client.apply(resource, intent, { force, ...(subresource !== undefined && { subresource }) });
      const { uid, resourceVersion: version } = object.metadata;
      remember(key, { intent: wanted, fingerprint: fingerprint(object, subresource), uid, version, at: clock.now() });
      return { outcome: 'applied', object };
    },
    forget(resource, namespace, name) {
      const prefix = [apiVersion(resource), resource.kind, namespace ?? '', name, ''].join('|');
      for (const key of memories.keys()) if (key.startsWith(prefix)) memories.delete(key);
    },
  };
}
