/** A client over a handful of objects in memory: get, create, JSON patch with tests and versions, and a watch. */
import { applyPatch } from 'rfc6902';
import type { KubernetesObject, ObjectRef, Resource } from '../../src/api/object.ts';
import type { JsonPatch, KubernetesClient, WatchEvent } from '../../src/kubernetes/client.ts';
import { ApiError } from '../../src/kubernetes/errors.ts';
import { scriptedReads, type OpenWatch } from './scripted-client.ts';

export interface ObjectClient extends KubernetesClient {
  /** What `get` finds. */
  find(resource: Resource, name: string): KubernetesObject | undefined;
  /** As another writer: puts or replaces, and tells the watches. */
  put(resource: Resource, object: KubernetesObject): KubernetesObject;
  /** Number of writes that succeeded through the client. */
  readonly writes: number;
  /** The next write rejects with this. */
  failNextWrite(error: Error): void;
}

const unused = (): never => {
  throw new Error('not used here');
};

export function objectClient(): ObjectClient {
  const objects = new Map<string, KubernetesObject>();
  const open: OpenWatch[] = [];
  let version = 1;
  let writes = 0;
  let failure: Error | undefined;
  const keyOf = (resource: Resource, name: string): string => `${resource.plural}/${name}`;
  const wants = (fieldSelector: string | undefined, name: string): boolean =>
    fieldSelector === undefined || fieldSelector === `metadata.name=${name}`;

  const put = (resource: Resource, object: KubernetesObject): KubernetesObject => {
    const { name } = object.metadata;
    const key = keyOf(resource, name);
    const type = objects.has(key) ? 'MODIFIED' : 'ADDED';
    const stored: KubernetesObject = {
      ...object,
      metadata: { ...object.metadata, uid: `uid-${name}`, resourceVersion: String(++version) },
    };
    objects.set(key, stored);
    for (const watch of open) {
      if (watch.resource.plural === resource.plural && wants(watch.options.fieldSelector, name)) {
        watch.send({ type, object: stored });
      }
    }
    return stored;
  };
  const write = <T>(change: () => T): Promise<T> => {
    const error = failure;
    failure = undefined;
    if (error !== undefined) return Promise.reject(error);
    try {
      const result = change();
      writes++;
      return Promise.resolve(result);
    } catch (refused) {
      return Promise.reject(refused instanceof Error ? refused : new Error('refused'));
    }
  };
  const patched = (ref: ObjectRef, patch: JsonPatch): KubernetesObject => {
    const found = objects.get(keyOf(ref.resource, ref.name));
    if (found === undefined) throw new ApiError('not found', { code: 404, reason: 'NotFound' });
    const copy = structuredClone(found);
    const failed = applyPatch(copy, structuredClone(patch) as never).some((error) => error !== null);
    if (failed) throw new ApiError('the patch does not apply', { code: 422, reason: 'Invalid' });
    return put(ref.resource, copy);
  };
  return {
    put,
    find: (resource, name) => objects.get(keyOf(resource, name)),
    get writes() {
      return writes;
    },
    failNextWrite: (error) => void (failure = error),
    get: ({ resource, name }) => Promise.resolve(structuredClone(objects.get(keyOf(resource, name)))),
    create: (resource, object) =>
      write(() => {
        if (objects.has(keyOf(resource, object.metadata.name))) {
          throw new ApiError('it exists', { code: 409, reason: 'AlreadyExists' });
        }
        return put(resource, object);
      }),
    jsonPatch: (ref, patch) => write(() => patched(ref, patch)),
    listPage: () => Promise.resolve({ items: [], resourceVersion: '1' }),
    watch(resource, options) {
      const reads = scriptedReads();
      const stream = reads.watch(resource, options);
      const [handle] = reads.watches;
      if (handle === undefined) return unused();
      open.push(handle);
      for (const [key, object] of objects) {
        const matches = key.startsWith(`${resource.plural}/`) && wants(options.fieldSelector, object.metadata.name);
        if (matches) handle.send({ type: 'ADDED', object });
      }
      handle.send(initialEventsEnd(version));
      return stream;
    },
    apply: unused,
    mergePatch: unused,
    delete: unused,
  };
}

const initialEventsEnd = (version: number): WatchEvent => ({
  type: 'BOOKMARK',
  object: {
    apiVersion: 'v1',
    kind: 'Bookmark',
    metadata: {
      name: '',
      resourceVersion: String(version),
      annotations: { 'k8s.io/initial-events-end': 'true' },
    },
  },
});
