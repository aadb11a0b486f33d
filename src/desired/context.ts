/** What the objects depend on beside the spec; and the frame that every child shares. */
import type { KubernetesObject, OwnerReference, Resource } from '../api/object.ts';
import { apiVersion, Database as DatabaseResource } from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import type { Engine } from '../engines/engine.ts';
import type { Fingerprint } from './hash.ts';
import { labelsOf, type Component, type Labels } from './labels.ts';

/** Made once from a CSPRNG (secret.ts), kept in `<name>-internal`. */
export interface Credentials {
  /** The application's. */
  readonly password: string;
  readonly superuserPassword: string;
  readonly replicationPassword: string;
  readonly monitorPassword: string;
}

export interface Context {
  /** metadata.uid of the Database. */
  readonly ownerUid: string;
  /** Absent: the two Secrets are left out (they exist, or are not to be made). */
  readonly credentials?: Credentials;
  /** The recorded decision, from status; absent: `<name>-0` in its first term. */
  readonly primary?: string;
  readonly term?: number;
  /** True once the database has held data: an empty primary's volume is then a loss, never a beginning. */
  readonly initialized?: boolean;
  /** Data is being restored into the first member: no Service may lead to it, and nobody backs it up. */
  readonly recovering?: boolean;
  /** The data is being put on the first member's volume: no server may be there. */
  readonly noServers?: boolean;
  /** When a lone member was last given peers, RFC 3339; absent: the list of members was made with them. */
  readonly peersSince?: string;
  /** Members that are to put their data aside and clone anew, each with the token of that order. */
  readonly reseed?: Readonly<Record<string, string>>;
  /** Size in the claim template of the StatefulSet that exists: it is immutable, claims grow one by one instead. */
  readonly claimSize?: string;
  /** Namespace of the operator, let in by the NetworkPolicy. Absent: `database-system`. */
  readonly operatorNamespace?: string;
  /** Image of the operator, which backup pods run as the agent. Absent: there are no backups. */
  readonly agentImage?: string;
  /** DNS domain of the cluster; absent: `cluster.local`. */
  readonly clusterDomain?: string;
  /** What tells pod templates, and orders of backups, apart; absent: a hash, and their text. A plan that is only told compares them and needs none. */
  readonly fingerprint?: Fingerprint;
}

/** What every object depends on. */
export interface Subject {
  readonly database: Database;
  readonly engine: Engine;
  readonly context: Context;
}

/** Everything a builder gets. */
export interface Input extends Subject {
  /** The engine's configuration file. */
  readonly config: string;
  /** Of the settings in it that are only read when a server starts. */
  readonly startHash: string;
}

/**
 * `apply`: server-side apply, drift is put right. `createOnce`: made when absent and its contents never overwritten
 * (Secrets); labels and owner references follow.
 */
export type Ownership = 'apply' | 'createOnce';

export interface DesiredObject {
  readonly resource: Resource;
  readonly object: KubernetesObject;
  readonly ownership: Ownership;
  /** Skipped with a condition where the cluster has no such kind. */
  readonly optional?: boolean;
}

const ownerReference = (database: Database, uid: string): OwnerReference => ({
  apiVersion: apiVersion(DatabaseResource),
  kind: DatabaseResource.kind,
  name: database.metadata.name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

/** Volumes and credentials go with the Database only under `Delete`; a snapshot is made before they may go. */
export const dataGoesWithOwner = (database: Database): boolean => database.spec.deletionPolicy === 'Delete';

export interface ChildOptions {
  readonly component?: Component;
  readonly labels?: Labels;
  /** False: it outlives the Database. */
  readonly owned?: boolean;
}

/** One child: names, labels, owner; `body` has spec, data and the like. */
export function child(
  { database, engine, context }: Subject,
  resource: Resource,
  name: string,
  body: Readonly<Record<string, unknown>>,
  options: ChildOptions = {},
): KubernetesObject {
  const { namespace } = database.metadata;
  return {
    apiVersion: apiVersion(resource),
    kind: resource.kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: { ...labelsOf(database, engine, options.component), ...options.labels },
      ...(options.owned !== false && { ownerReferences: [ownerReference(database, context.ownerUid)] }),
    },
    ...body,
  };
}
