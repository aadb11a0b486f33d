/**
 * What the API server of the simulation holds: objects with resource versions, generations, owners of fields, finalizers
 * and a log of changes that watches read. Everything here is immediate; delays and faults are put around it.
 */
import type { KubernetesObject, Resource } from '../../src/api/object.ts';
import * as resources from '../../src/api/resources.ts';
import { ApiError } from '../../src/kubernetes/errors.ts';
import type { Clock } from '../../src/values/clock.ts';
import { applyIntent, conflicts, equal, ownersAfterUpdate } from './ownership.ts';
import type { Managers } from './ownership.ts';
import { conflict, notFound } from './world-types.ts';
import type { LogEntry, Target, World, Write } from './world-types.ts';

interface Stored {
  readonly resource: Resource;
  readonly object: KubernetesObject;
  readonly managers: Managers;
}

/** What a pod is given to stop unless the one who deletes it says otherwise. */
const GRACE_SECONDS = 60;

/** Kinds whose generation the API server counts. */
const counted = new Set(['Database', 'StatefulSet', 'CronJob', 'NetworkPolicy', 'PodDisruptionBudget', 'Job']);
const ownNames = new Set<string>(resources.ownKinds.map(({ kind }) => kind));

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) freeze(child);
  return Object.freeze(value);
}

const storeKey = (resource: Resource, namespace: string | undefined, name: string): string =>
  `${resource.kind}|${resource.namespaced ? (namespace ?? '') : ''}|${name}`;

const isNewGeneration = (before: KubernetesObject, after: KubernetesObject): boolean =>
  !equal(before['spec'], after['spec']) || before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp;

export function makeWorld(clock: Clock): World {
  const objects = new Map<string, Stored>();
  const uids = new Map<string, string>();
  const log: LogEntry[] = [];
  const writes: Write[] = [];
  const listeners = new Set<(entry: LogEntry) => void>();
  let version = 1000;
  let uidCounter = 0;

  const keyOf = ({ resource, namespace, name }: Target): string => storeKey(resource, namespace, name);
  const read = (target: Target): Stored | undefined => objects.get(keyOf(target));
  const mustRead = (target: Target): Stored => {
    const stored = read(target);
    if (stored === undefined) throw notFound(target);
    return stored;
  };
  const note = (verb: Write['verb'], by: string, target: Target, changed: boolean): void => {
    const { resource, namespace, name } = target;
    writes.push({ at: clock.now(), by, verb, resource, namespace, name, changed });
  };
  const record = (entry: LogEntry): void => {
    log.push(entry);
    for (const listener of listeners) listener(entry);
  };

  const put = (resource: Resource, object: KubernetesObject, managers: Managers): KubernetesObject => {
    const { name, namespace } = object.metadata;
    const key = storeKey(resource, namespace, name);
    const before = objects.get(key)?.object;
    const generation =
      before === undefined ? 1 : (before.metadata.generation ?? 1) + (isNewGeneration(before, object) ? 1 : 0);
    const after = freeze(
      structuredClone({
        ...object,
        metadata: {
          ...object.metadata,
          resourceVersion: String(++version),
          ...(counted.has(resource.kind) && { generation }),
        },
      }),
    );
    const finished = after.metadata.deletionTimestamp !== undefined && (after.metadata.finalizers ?? []).length === 0;
    if (finished && resource.kind !== 'Pod') return dropStored(resource, after, before);
    objects.set(key, { resource, object: after, managers });
    uids.set(after.metadata.uid ?? '', key);
    record({ version, resource, before, after, last: after });
    return after;
  };
  const dropStored = (
    resource: Resource,
    last: KubernetesObject,
    before: KubernetesObject | undefined,
  ): KubernetesObject => {
    objects.delete(storeKey(resource, last.metadata.namespace, last.metadata.name));
    uids.delete(last.metadata.uid ?? '');
    record({ version, resource, before, after: undefined, last });
    return last;
  };

  const admit = (resource: Resource, object: KubernetesObject): KubernetesObject => {
    const { namespace, name } = object.metadata;
    if (resource.namespaced) {
      const home = read({ resource: resources.Namespace, name: namespace ?? '' })?.object;
      if (home === undefined) throw notFound({ resource: resources.Namespace, name: namespace ?? '' });
      if (home.metadata.deletionTimestamp !== undefined) {
        const why = `unable to create new content in namespace ${String(namespace)} because it is being terminated`;
        throw new ApiError(`${resource.plural} "${name}" is forbidden: ${why}`, { code: 403, reason: 'Forbidden' });
      }
    }
    const metadata = {
      ...object.metadata,
      uid: `uid-${++uidCounter}`,
      creationTimestamp: new Date(clock.now()).toISOString().replace(/\.\d+/, ''),
    };
    const fresh: Record<string, unknown> = { ...object, metadata };
    if (ownNames.has(resource.kind)) delete fresh['status'];
    return fresh as unknown as KubernetesObject;
  };

  const update = (
    target: Target,
    by: string,
    verb: 'update' | 'status',
    change: (object: KubernetesObject) => KubernetesObject,
  ): KubernetesObject => {
    const { object, managers } = mustRead(target);
    const wanted = change(object);
    const { resourceVersion, uid } = wanted.metadata;
    if (resourceVersion !== object.metadata.resourceVersion || uid !== object.metadata.uid) {
      throw conflict(target, 'the object has been modified; please apply your changes to the latest version');
    }
    const isOwn = ownNames.has(target.resource.kind);
    const next =
      verb === 'status'
        ? { ...object, status: wanted['status'] }
        : { ...wanted, ...(isOwn && object['status'] !== undefined && { status: object['status'] }) };
    const changed = !equal(object, next);
    note(verb, by, target, changed);
    if (!changed) return object;
    return put(target.resource, next, verb === 'status' ? managers : ownersAfterUpdate(object, next, managers, by));
  };

  const world: World = {
    clock,
    get version() {
      return version;
    },
    log,
    writes,
    find: (target) => read(target)?.object,
    list: (resource, namespace) =>
      [...objects.values()]
        .filter((stored) => stored.resource.kind === resource.kind)
        .map((stored) => stored.object)
        .filter((object) => namespace === undefined || object.metadata.namespace === namespace),
    byUid: (uid) => objects.get(uids.get(uid) ?? '')?.object,
    everything: () => [...objects.values()],
    create(resource, object, by) {
      const target = { resource, namespace: object.metadata.namespace, name: object.metadata.name };
      if (read(target) !== undefined) {
        throw new ApiError(`${resource.plural} "${target.name}" already exists`, {
          code: 409,
          reason: 'AlreadyExists',
        });
      }
      const fresh = admit(resource, object);
      note('create', by, target, true);
      return put(resource, fresh, ownersAfterUpdate({}, fresh, new Map(), by));
    },
    apply(resource, intent, by, force) {
      const target = { resource, namespace: intent.metadata.namespace, name: intent.metadata.name };
      const stored = read(target);
      if (stored === undefined) {
        const fresh = admit(resource, intent);
        note('apply', by, target, true);
        return put(resource, fresh, applyIntent({}, fresh, new Map(), by).managers);
      }
      const { object } = stored;
      if (intent.metadata.uid !== undefined && intent.metadata.uid !== object.metadata.uid) {
        throw conflict(target, 'uid mismatch');
      }
      const fought = conflicts(object, intent, stored.managers, by);
      if (fought.length > 0 && !force) throw conflict(target, `apply conflicts: ${fought.join(', ')}`);
      const applied = applyIntent(object, intent, stored.managers, by);
      const next = applied.object as unknown as KubernetesObject;
      const changed = !equal(object, next);
      note('apply', by, target, changed);
      if (changed) return put(resource, next, applied.managers);
      objects.set(keyOf(target), { ...stored, managers: applied.managers });
      return object;
    },
    update: (target, by, change) => update(target, by, 'update', change),
    updateStatus: (target, by, change) => update(target, by, 'status', change),
    remove(target, by, { uid, resourceVersion, propagationPolicy, gracePeriodSeconds = GRACE_SECONDS } = {}) {
      const { object, managers } = mustRead(target);
      const mismatch =
        (uid !== undefined && uid !== object.metadata.uid) ||
        (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion);
      if (mismatch) throw conflict(target, 'the precondition does not hold');
      note('delete', by, target, object.metadata.deletionTimestamp === undefined);
      if (propagationPolicy === 'Orphan') orphan(object);
      const { deletionTimestamp: known, deletionGracePeriodSeconds: grace = 0 } = object.metadata;
      if (known !== undefined && (target.resource.kind !== 'Pod' || grace <= gracePeriodSeconds)) return;
      const deletionTimestamp = new Date(clock.now()).toISOString().replace(/\.\d+/, '');
      const ending = {
        deletionTimestamp,
        ...(target.resource.kind === 'Pod' && { deletionGracePeriodSeconds: gracePeriodSeconds }),
      };
      put(target.resource, { ...object, metadata: { ...object.metadata, ...ending } }, managers);
    },
    purge(target) {
      const { object } = mustRead(target);
      dropStored(
        target.resource,
        freeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } }),
        object,
      );
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    managersOf: (uid) => objects.get(uids.get(uid) ?? '')?.managers ?? new Map<string, Set<string>>(),
  };

  const orphan = (owner: KubernetesObject): void => {
    for (const { resource, object, managers } of [...objects.values()]) {
      const refs = object.metadata.ownerReferences ?? [];
      if (!refs.some((ref) => ref.uid === owner.metadata.uid)) continue;
      const ownerReferences = refs.filter((ref) => ref.uid !== owner.metadata.uid);
      put(resource, { ...object, metadata: { ...object.metadata, ownerReferences } }, managers);
    }
  };
  return world;
}
