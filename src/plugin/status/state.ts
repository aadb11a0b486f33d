/** What `status` is told of: everything of one Database that a person would otherwise collect with many commands. */
import type { KubernetesObject, Resource } from '../../api/object.ts';
import {
  DatabaseBackup as backups,
  DatabaseUser as users,
  Event,
  PersistentVolumeClaim,
  Pod,
} from '../../api/resources.ts';
import type { Database, DatabaseBackup, DatabaseUser } from '../../api/types.generated.ts';
import { nameLabel } from '../../desired/names.ts';
import { listAll, type Cluster } from '../cluster.ts';
import { EVENT_SELECTOR, eventTime } from '../events.ts';

export interface StatusState {
  readonly database: Database;
  /** Of the servers. */
  readonly pods: readonly KubernetesObject[];
  readonly claims: readonly KubernetesObject[];
  readonly users: readonly DatabaseUser[];
  readonly backups: readonly DatabaseBackup[];
  /** Oldest first. */
  readonly events: readonly KubernetesObject[];
  /** What could not be read, and why. */
  readonly unread: readonly string[];
}

/** The Database has been read; what else may not be read is told instead. */
export async function gather(cluster: Cluster, database: Database): Promise<StatusState> {
  const { namespace } = cluster;
  const { name } = database.metadata;
  const unread: string[] = [];
  const list = (resource: Resource, options: object = {}): Promise<readonly KubernetesObject[]> =>
    listAll(cluster, resource, { namespace, ...options }).catch((error: unknown) => {
      unread.push(`${resource.plural}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    });
  const labelSelector = `${nameLabel}=${name}`;
  const [pods, claims, allUsers, allBackups, events] = await Promise.all([
    list(Pod, { labelSelector }),
    list(PersistentVolumeClaim, { labelSelector }),
    list(users),
    list(backups),
    list(Event, { fieldSelector: EVENT_SELECTOR('Database', name) }),
  ]);
  return {
    database,
    pods: pods
      .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'database')
      .toSorted(byName),
    claims,
    users: allUsers.filter((user) => refersTo(user as DatabaseUser, database)) as DatabaseUser[],
    backups: allBackups.filter((backup) => refersTo(backup as DatabaseBackup, database)) as DatabaseBackup[],
    events: events.toSorted((a, b) => eventTime(a) - eventTime(b)),
    unread,
  };
}

const byName = (a: KubernetesObject, b: KubernetesObject): number =>
  a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true });

/** Only those of the Database's own namespace are listed. */
const refersTo = ({ spec }: DatabaseUser | DatabaseBackup, { metadata }: Database): boolean =>
  spec.databaseRef.name === metadata.name && (spec.databaseRef.namespace ?? metadata.namespace) === metadata.namespace;
