/**
 * What admission fills in: one table, applied from top to bottom, each row seeing what the rows before it did. Nothing
 * that a person wrote is removed, and a second pass finds nothing to do. The constants are those of the CRDs (a test holds
 * both together); they stand here too because files are also checked without an API server.
 */
import type { KubernetesObject } from '../api/object.ts';
import type { Database, OwnKindName } from '../api/types.generated.ts';
import { assignerOf, getIn, isObject, memberOf, sameJson, withoutNulls } from './json.ts';
import type { JsonObject, Path } from './json.ts';
import type { Assignment } from './json-patch.ts';
import { copyable, engineValue, followedImage, sizeValue, followedSize, versionValue } from './spellings.ts';

/** One object on its way to completeness. */
export interface Draft {
  readonly object: JsonObject;
  /** The stored object on UPDATE. */
  readonly oldObject: JsonObject | undefined;
}

interface Default {
  readonly kind: OwnKindName;
  readonly path: Path;
  /** `inside`: only if the parent was written. */
  readonly when: 'absent' | 'always' | 'inside';
  /** Undefined: nothing to fill in. */
  readonly value: unknown;
}

type Compute = (draft: Draft) => unknown;

const path = (text: string): Path => text.split('.');

const computed = (kind: OwnKindName, field: string, when: 'absent' | 'always', value: Compute): Default => ({
  kind,
  path: path(field),
  when,
  value,
});
const constant = (kind: OwnKindName, field: string, value: unknown): Default => ({
  kind,
  path: path(field),
  when: 'absent',
  value,
});
/** Only inside an object that the user wrote: defaults add no empty objects. */
const within = (kind: OwnKindName, parent: string, name: string, value: unknown): Default => ({
  kind,
  path: [...path(parent), name],
  when: 'inside',
  value,
});
/** Immutable fields that the new manifest leaves out keep their value, so that the original manifest can be put back. */
const carried = (kind: OwnKindName, field: string): Default =>
  computed(kind, field, 'absent', ({ oldObject }) => copyable(getIn(oldObject, path(field))));

const defaultSize = '10Gi';

const table: readonly Default[] = [
  computed('Database', 'spec.engine', 'absent', engineValue),
  computed('Database', 'spec.version', 'always', versionValue),
  computed('Database', 'spec.image', 'always', followedImage),
  computed('Database', 'spec.storage.size', 'always', sizeValue),
  computed('Database', 'spec.size', 'always', followedSize),
  computed('Database', 'spec.storage.size', 'absent', ({ object }) =>
    getIn(object, ['spec', 'size']) === undefined ? defaultSize : undefined,
  ),
  carried('Database', 'spec.storage.storageClass'),
  carried('Database', 'spec.databaseName'),
  carried('Database', 'spec.username'),
  constant('Database', 'spec.replicas', 1),
  constant('Database', 'spec.changePolicy', 'Any'),
  constant('Database', 'spec.deletionPolicy', 'Retain'),
  constant('Database', 'spec.deletionProtection', false),
  within('Database', 'spec.storage.autoGrow', 'threshold', 80),
  within('Database', 'spec.backup', 'enabled', false),
  within('Database', 'spec.monitoring', 'enabled', false),
  within('Database', 'spec.monitoring', 'scrapeInterval', '30s'),
  within('Database', 'spec.monitoring', 'alerting', false),
  within('Database', 'spec.replication', 'mode', 'async'),
  within('Database', 'spec.networkPolicy', 'enabled', true),

  carried('DatabaseUser', 'spec.username'),
  constant('DatabaseUser', 'spec.reclaimPolicy', 'Retain'),
  within('DatabaseUser', 'spec.passwordSecret', 'key', 'password'),

  constant('DatabaseBackup', 'spec.suspend', false),
  within('DatabaseBackup', 'spec.verify', 'enabled', false),

  constant('DatabaseMonitor', 'spec.scrapeInterval', '30s'),
  constant('DatabaseMonitor', 'spec.alerting', false),
  constant('DatabaseMonitor', 'spec.dashboard', true),

  constant('MultiTenantDatabase', 'spec.reclaimPolicy', 'Retain'),

  computed('RedisCluster', 'spec.storage.size', 'absent', ({ oldObject }) =>
    copyable(getIn(oldObject, ['spec', 'storage', 'size'])),
  ),
  constant('RedisCluster', 'spec.storage.size', defaultSize),
  carried('RedisCluster', 'spec.storage.storageClass'),
  constant('RedisCluster', 'spec.replicasPerNode', 1),
  constant('RedisCluster', 'spec.image', 'redis:8.0'),
  constant('RedisCluster', 'spec.deletionPolicy', 'Retain'),
  constant('RedisCluster', 'spec.deletionProtection', false),
];

const tables: Readonly<Record<OwnKindName, readonly Default[]>> = {
  Database: table.filter(({ kind }) => kind === 'Database'),
  DatabaseUser: table.filter(({ kind }) => kind === 'DatabaseUser'),
  DatabaseBackup: table.filter(({ kind }) => kind === 'DatabaseBackup'),
  DatabaseMonitor: table.filter(({ kind }) => kind === 'DatabaseMonitor'),
  MultiTenantDatabase: table.filter(({ kind }) => kind === 'MultiTenantDatabase'),
  RedisCluster: table.filter(({ kind }) => kind === 'RedisCluster'),
};

/** The rows with a constant value, as `spec.backup.enabled` → value; what a CRD can express. */
export const constantDefaults = (kind: OwnKindName): ReadonlyMap<string, unknown> =>
  new Map(
    table
      .filter((row) => row.kind === kind && typeof row.value !== 'function')
      .map((row) => [row.path.join('.'), row.value]),
  );

export interface Completed<T extends JsonObject> {
  readonly object: T;
  /** What was filled in, in this order. */
  readonly assignments: readonly Assignment[];
}

/** The object with everything filled in that can be known. `oldObject` is what is stored, on UPDATE. */
export function complete<T extends JsonObject>(kind: OwnKindName, object: T, oldObject?: JsonObject): Completed<T> {
  if (!isObject(object['spec'])) return { object, assignments: [] };
  const draft: Draft = {
    object: { ...object, spec: withoutNulls(object['spec']) },
    oldObject: oldObject && { ...oldObject, spec: withoutNulls(oldObject['spec']) },
  };
  const assign = assignerOf(draft.object);
  const assignments: Assignment[] = [];
  for (const row of tables[kind]) {
    if (!applies(row, draft.object)) continue;
    const value = typeof row.value === 'function' ? (row.value as Compute)(draft) : row.value;
    if (value === undefined || (row.when === 'always' && sameJson(getIn(draft.object, row.path), value))) continue;
    assign(row.path, value);
    assignments.push({ path: row.path, value });
  }
  return { object: draft.object as T, assignments };
}

/** A parent that is not an object is left alone: the schema has something to say about it. */
function applies({ path, when }: Default, object: JsonObject): boolean {
  let inner: unknown = object;
  for (const name of path) {
    if (inner === undefined) return when !== 'inside';
    if (!isObject(inner)) return false;
    inner = memberOf(inner, name);
  }
  return when === 'always' || inner === undefined;
}

/** For the loop, which meets objects that were stored while the webhook was away. */
export const completeDatabase = (database: Database): Database => complete('Database', database).object;

/** The same for any of our kinds. */
export const completeObject = <T extends KubernetesObject>(kind: OwnKindName, object: T): T =>
  complete(kind, object).object;
