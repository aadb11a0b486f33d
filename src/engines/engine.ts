/**
 * Everything that differs between engines is behind this interface; nothing outside `engines/<name>/` may ask which
 * engine it has before it. A new engine is one folder and one line in `index.ts`.
 */
import type { Database } from '../api/types.generated.ts';
import type { EngineBackup } from './backup.ts';
import type { EngineQueries } from './queries.ts';
import type { VolumeUse } from './volume-use.ts';
import type { UsersDriver } from './users.ts';

export type EngineName = 'postgresql' | 'mysql' | 'mariadb' | 'mongodb' | 'redis';

/** One line of releases that the engine's makers maintain together, e.g. PostgreSQL 16 or MySQL 8.0. */
export interface ReleaseLine {
  /** `16`, `8.0`: what is compared to find a downgrade or a major upgrade. */
  readonly line: string;
  /** General availability, `YYYY-MM-DD`. */
  readonly released: string;
  /** Last day of the makers' support, `YYYY-MM-DD`; absent when not announced. */
  readonly endOfLife?: string;
  /** Newest patch that existed when this table was made; every patch from `firstPatch` up to it is accepted, except `skipped`. */
  readonly newestPatch: number;
  /** First generally available patch (PostgreSQL 16.0 → 0; MySQL 8.0.11 → 11). */
  readonly firstPatch: number;
  readonly skipped?: readonly number[];
}

export interface Catalogue {
  /** Rising. */
  readonly lines: readonly ReleaseLine[];
  /** Components before the patch number: PostgreSQL 10+ has 1 (`16.3`), the others 2 (`8.0.36`). */
  readonly lineComponents: 1 | 2;
  /** Where the table comes from. */
  readonly source: string;
}

export interface IdentifierRules {
  readonly maxLength: number;
  /** Anchored, linear. */
  readonly pattern: RegExp;
  readonly patternInWords: string;
  /** Lower-case exact names. */
  readonly reserved: readonly string[];
  /** Lower-case prefixes, e.g. `pg_`. */
  readonly reservedPrefixes: readonly string[];
}

export interface Sizing {
  /** The pod's memory limit in bytes; absent: no limit, the baselines stand. */
  readonly memoryBytes: number | undefined;
  readonly volumeBytes: number;
}

export interface OwnedParameter {
  readonly name: string;
  /** What to use instead, or why it is not for setting. */
  readonly instead: string;
}

export interface ParameterChange {
  /** What a running server needs before the new value counts. */
  readonly needs: 'reload' | 'restart';
}

/** Parts of the pod; the frame around them is in desired/statefulset.ts. */
export interface PodParts {
  readonly image: string;
  readonly containerName: string;
  readonly command: readonly string[];
  readonly env: readonly Readonly<Record<string, unknown>>[];
  readonly dataMountPath: string;
  /** Writable places under the read-only root, each an emptyDir. */
  readonly scratch: readonly { readonly name: string; readonly mountPath: string; readonly memory?: boolean }[];
  readonly startupProbe: Readonly<Record<string, unknown>>;
  readonly readinessProbe: Readonly<Record<string, unknown>>;
  readonly livenessProbe: Readonly<Record<string, unknown>>;
  /** uid and gid of the engine's user in the public image. */
  readonly runAsUser: number;
  /** Seconds a clean stop may take. */
  readonly terminationGracePeriodSeconds: number;
}

export interface Exporter {
  readonly image: string;
  readonly port: number;
  readonly env: readonly Readonly<Record<string, unknown>>[];
  readonly args: readonly string[];
  /** Name of one of the server's scratch places, mounted here too: for a password file that the boot script writes. */
  readonly scratch?: string;
}

/** A member whose exporter runs in a pod of its own. */
export interface RemoteMember {
  /** DNS name of the member's pod. */
  readonly host: string;
  /** Where the exporter is to listen: several share a pod. */
  readonly listenPort: number;
}

/** Where one member is and how to log in as the operator's own superuser. */
export interface MemberAddress {
  /** Name of the pod: what other members call it. */
  readonly pod: string;
  /** IP address of the pod, or a DNS name. */
  readonly host: string;
  readonly port: number;
  readonly superuserPassword: string;
  readonly replicationPassword: string;
  /** For each question and command, milliseconds; connecting included. */
  readonly timeoutMs: number;
}

/** What a member says of itself. */
export interface MemberView {
  /** It takes writes now. */
  readonly writable: boolean;
  /** Name of the pod that it is told to replicate from; undefined: nobody (or somebody who is no member). */
  readonly follows?: string;
  /** Changes arrive from `follows`: connected, and heard of within the last seconds. */
  readonly streaming: boolean;
  /** How far its data goes, in the engine's own notation (`3/0/5000148`, a GTID set); only `comparePositions` reads it. */
  readonly position: string;
  /** Seconds it is behind as far as it knows; undefined: unknown, or it is the primary. */
  readonly lagSeconds?: number;
  /** Of a primary whose election counts votes: pods of all members that it knows, itself too. */
  readonly voters?: readonly string[];
  /** Why it will never catch up by itself (a log that is gone, transactions of its own), in words; undefined: nothing known. */
  readonly broken?: string;
}

/** `diverged`: each has something that the other lacks. */
export type PositionOrder = 'equal' | 'ahead' | 'behind' | 'diverged';

/** A connection to one member, opened when first used. Every method rejects when the time is up or the server says no. */
export interface MemberClient {
  view(): Promise<MemberView>;
  /** Makes it writable and resolves when it is. Done already: nothing happens. */
  promote(): Promise<void>;
  /** Points a read-only member at `primary`; resolves once it was told, not once it has caught up. */
  follow(primary: MemberAddress): Promise<void>;
  /** Makes it read-only at once and ends what writes; absent: the engine can only do that by a restart of the pod. */
  readonly demote?: () => Promise<void>;
  /**
   * Stops receiving from whom it follows, for good: its promotion need not wait for that then. Absent: it never waits long.
   */
  readonly detach?: () => Promise<void>;
  /** Takes a pod that is gone for good out of `voters`; only a primary is asked. Absent: it has no such list. */
  readonly retire?: (pod: string) => Promise<void>;
  /** How full its volume is; undefined: not known yet, or never with this release of the engine. */
  volume(): Promise<VolumeUse | undefined>;
  /** Connections are dropped, nothing is waited for. */
  close(): void;
}

/** How the members of one Database are asked and steered. The library behind it is imported by `connect`, not before. */
export interface TopologyDriver {
  /** Its clients have `demote`: a switchover needs no restart of the old primary. */
  readonly demotes: boolean;
  connect(address: MemberAddress): MemberClient;
  /** Its clients have `detach`. */
  readonly detaches?: boolean;
  /** The members elect their primary by themselves: it is recorded, and nobody is fenced or promoted around it. */
  readonly elects?: boolean;
  /** Of `a` compared with `b`. */
  comparePositions(a: string, b: string): PositionOrder;
}

/** The owner of the application database, or the superuser. */
export type ClientIdentity = 'owner' | 'superuser';

/** What the loop needs to run the engine; an engine without it is admitted and reported as not yet run. */
export interface EngineRuntime {
  podParts(database: Database): PodParts;
  /** File name → content of scripts mounted at `/opt/database-operator`. */
  scripts(database: Database): Readonly<Record<string, string>>;
  /** Beside the server, which is the default, or for `member` from elsewhere in the namespace. */
  exporter(database: Database, member?: RemoteMember): Exporter;
  /** What is asked of that exporter's figures. */
  readonly queries: EngineQueries;
  /**
   * POSIX sh for the server's container, for a person: becomes the engine's own client, logged in as `who`, with the
   * arguments that follow. Passwords come from files, so that no argument holds one.
   */
  clientScript(who: ClientIdentity): string;
  /** Arguments that make that client, as the superuser, write out what memory holds: for a copy of the volume. */
  readonly flush: readonly string[];
  /** Absent: it can't be backed up by the agent yet. */
  readonly backup?: EngineBackup;
  /** Absent: one member only; more are reported as not supported. */
  readonly topology?: TopologyDriver;
  /** Users, their rights and their passwords inside the server. */
  readonly users: UsersDriver;
}

/** What admission asks of an engine beyond names and versions. */
export interface EngineChecks {
  /** Memory limit below which the server does not start or is killed at once, in bytes. */
  readonly leastMemoryBytes: number;
  /** What one idle connection costs at least, in bytes. */
  readonly bytesPerConnection: number;
  /** Its primary is elected by a majority of the members. */
  readonly electsByMajority: boolean;
  /** What mode sync can't promise with this engine, in words; absent: a confirmed write is on two members. */
  readonly syncLimit?: string;
  /** Environment variables that would change what the operator set up; `PG*` covers all that begin so. */
  readonly ownedEnvironment: readonly string[];
  /** Largest setting that is taken from memory at once, with its bytes; undefined when none is set or readable. */
  claimedMemory(parameters: Readonly<Record<string, number | string>>): { name: string; bytes: number } | undefined;
  /** What is wrong with the value of a well-known setting, with the remedy; undefined when nothing is known to be. */
  parameterFault(name: string, value: string, all: Readonly<Record<string, number | string>>): string | undefined;
  /** Rights that `DatabaseUser` may name in `grant`, upper case; empty: any. */
  readonly grants: readonly string[];
  /** What a grant may be narrowed to. */
  readonly grantTargets: readonly ('schema' | 'table' | 'collection' | 'keyPattern')[];
}

export interface Engine {
  readonly name: EngineName;
  /** `PostgreSQL`, as its makers write it. */
  readonly title: string;
  readonly port: number;
  readonly catalogue: Catalogue;
  /** Image repositories that mean this engine (`postgres`, `docker.io/library/postgres`, `bitnami/postgresql`). */
  readonly imageRepositories: readonly string[];
  /** Full reference of the public image of a version: `postgres:16.3`. */
  image(version: string): string;
  readonly databaseIdentifier: IdentifierRules;
  readonly userIdentifier: IdentifierRules;
  /** Settings that the operator owns. */
  readonly ownedParameters: readonly OwnedParameter[];
  /** Name of the mounted file: `postgresql.conf`, `my.cnf`, `mongod.conf`, `redis.conf`. */
  readonly configFileName: string;
  /** The whole configuration file: baselines sized to the pod, then `config`, then `config.parameters`. */
  renderConfig(database: Database, sizing: Sizing): string;
  parameterChange(name: string): ParameterChange;
  /** A line of that file that sets something: name and value. Absent: `name = value`. */
  readonly settingLine?: RegExp;
  /** One spelling for all that the engine takes for the same setting (`max-connections` → `max_connections`); absent: lower case. */
  parameterName?(name: string): string;
  /** `postgresql://user:password@host:port/database` with every part percent-encoded. */
  connectionUri(parts: { username: string; password: string; host: string; port: number; database: string }): string;
  readonly runtime?: EngineRuntime;
  readonly checks: EngineChecks;
}
