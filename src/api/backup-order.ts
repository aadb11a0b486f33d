/**
 * What the operator and the agent of a backup pod say to each other: the order is one JSON file, the result one JSON
 * object in the termination message. The manifest is what a backup says of itself, written last: what has none does not
 * exist. All of it is data at rest that other releases read: fields are added, never renamed.
 */
import type { Database } from './types.generated.ts';

export type BackupVerb =
  | 'backup'
  | 'restore'
  | 'verify'
  | 'prune'
  | 'inspect'
  /** Stores the log of changes as it is written, until it is ended. */
  | 'archive'
  /** Puts a copy of the files on an empty volume and brings it to a moment. */
  | 'recover';

/** Where an agent that stores the log answers over HTTP whether all is well: 200 or 503. */
export const logHealthPort = 8080;

/** Where objects lie: a mounted directory or a bucket. Exactly one of the two. */
export interface BackupStorage {
  /** Absolute path of a mounted volume. */
  readonly directory?: string;
  readonly s3?: S3Storage;
}

export interface S3Storage {
  readonly bucket: string;
  /** `us-east-1` when absent. */
  readonly region?: string;
  /** URL; absent: Amazon S3. With one, paths begin with the bucket's name. */
  readonly endpoint?: string;
  /** Files `access-key-id`, `secret-access-key`, optionally `session-token`. Absent: the pod's own identity. */
  readonly credentialsDirectory?: string;
}

/** Server that is dumped or restored into; verify needs none, it starts its own. */
export interface BackupServer {
  readonly host: string;
  readonly port: number;
  /** File `superuser-password`. */
  readonly credentialsDirectory: string;
}

export type BackupRetention =
  { readonly keep: 'age'; readonly seconds: number } | { readonly keep: 'count'; readonly count: number };

/** One statement that must hold in restored data. */
export interface BackupAssertion {
  readonly name: string;
  /** Absent: the application database. */
  readonly database?: string;
  readonly query: string;
  /** Absent: anything but nothing, false or 0. */
  readonly expect?: string;
}

export interface BackupOrder {
  readonly version: 1;
  readonly verb: BackupVerb;
  /** Whose backups: `<prefix><namespace>/<name>/` is where they lie. For a restore, where it was taken from. */
  readonly database: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** Name of an engine. */
  readonly engine: string;
  readonly storage: BackupStorage;
  /** Put before every object's name; '' when absent. Ends with / when it is to be a folder. */
  readonly prefix?: string;
  /** Needed by backup and restore. */
  readonly server?: BackupServer;
  /** File with the key: 32 bytes, or their base64 or hex. Absent: not encrypted. */
  readonly encryptionKeyFile?: string;
  /** backup: whose it is, the end of its name; DNS label. Retention looks at backups of the same one only. Absent: spec.backup. */
  readonly who?: string;
  /** backup and prune. Absent: nothing is removed but leftovers. */
  readonly retention?: BackupRetention;
  /** prune: everything of this `who` goes, the last good one too. */
  readonly all?: boolean;
  /**
   * restore, verify, inspect: `latest` (when absent), a name (`20260102T030405Z-nightly`), or a time in RFC 3339: the
   * newest that was complete then.
   */
  readonly backup?: string;
  /** backup: a copy of the files too, from which recover begins. */
  readonly files?: boolean;
  /** inspect and recover: the moment to bring the data to, RFC 3339. Only backups with files that had ended then count. */
  readonly moment?: string;
  /** backup: the completed spec, kept in the manifest. */
  readonly spec?: Database['spec'];
  /** Application database and user: where assertions run, and whose password a restore sets. */
  readonly application?: { readonly database: string; readonly username: string };
  /**
   * Directory of files of the application's Secret. backup: kept in an encrypted backup, never in another.
   * restore: its `password` becomes the application user's.
   */
  readonly applicationSecretDirectory?: string;
  /** verify. */
  readonly assertions?: readonly BackupAssertion[];
  /** verify: what it may take. */
  readonly budget?: { readonly bytes?: number; readonly seconds?: number };
}

export type FailureKind =
  /** Stored bytes differ from what the manifest says. */
  | 'checksum'
  /** An object is shorter than the manifest says. */
  | 'truncated'
  | 'missing-object'
  | 'missing-table'
  | 'extra-table'
  | 'rows'
  | 'content'
  | 'wrong-version'
  | 'wrong-key'
  | 'assertion'
  | 'restore'
  | 'budget';

export interface BackupFailure {
  readonly kind: FailureKind;
  /** What it is about, in words: an object, a table with what was expected and found. */
  readonly what: string;
}

/** CamelCase, for conditions. */
export type BackupReason =
  | 'InvalidOrder'
  | 'EngineContainerLost'
  | 'DumpFailed'
  | 'RestoreFailed'
  | 'ServerUnreachable'
  | 'ServerBusy'
  | 'StorageFailed'
  | 'StorageFull'
  | 'StorageDenied'
  | 'BackupNotFound'
  | 'MomentNotCovered'
  | 'KeyMissing'
  | 'WrongKey'
  | 'WrongEngine'
  | 'WrongVersion'
  | 'NotEmpty'
  | 'ProofFailed'
  | 'Corrupt'
  | 'BudgetExceeded'
  | 'Interrupted'
  | 'InternalError';

/** At most 4096 bytes as JSON: long texts and lists are cut. */
export interface BackupResult {
  readonly ok: boolean;
  readonly verb: BackupVerb;
  /** `s3://bucket/prefix/ns/db/name` or a path. */
  readonly location?: string;
  /** Name of the backup. */
  readonly backup?: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Stored. */
  readonly bytes?: number;
  /** `sha256:…` of the manifest, which holds those of all streams. */
  readonly checksum?: string;
  /** Backups of this `who` that remain, and that were removed. */
  readonly kept?: number;
  readonly removed?: number;
  readonly serverVersion?: string;
  /** restore and verify: reading, loading and comparing. */
  readonly restoreSeconds?: number;
  /** Tables and rows of the fingerprint. */
  readonly tables?: number;
  readonly rows?: number;
  /** The counts were taken beside the dump, not in its snapshot. */
  readonly approximate?: boolean;
  readonly reason?: BackupReason;
  /** What happened and what a person can do. */
  readonly message?: string;
  readonly failures?: readonly BackupFailure[];
  /** Things that did not stop it. */
  readonly warnings?: readonly string[];
  /** inspect: what the manifest says. */
  readonly manifest?: ManifestSummary;
  /** Peak of this process, in bytes. */
  readonly peakMemoryBytes?: number;
}

export interface ManifestSummary {
  readonly engine: string;
  readonly serverVersion: string;
  readonly database: BackupManifest['database'];
  readonly encrypted: boolean;
  readonly provenAt?: string;
  readonly endedAt: string;
  /** Left out when too long for a result. */
  readonly spec?: Database['spec'];
  readonly application?: BackupManifest['application'];
  /** Base64 of the encrypted stream of the application's Secret: values/sealed.ts opens it with the key. */
  readonly sealedSecret?: string;
}

export interface BackupStream {
  /** What it holds: one database of the server, the accounts, everything, or the application's Secret. */
  readonly kind: 'database' | 'accounts' | 'server' | 'secret' | 'files';
  /** Name of the database inside the server, for that kind. */
  readonly database?: string;
  /** `custom`, `sql`, `rdb`, `archive`, `statements`. */
  readonly format: string;
  /** Objects beside the manifest, in order. */
  readonly objects: readonly StoredObject[];
  /** Of the dump before compression and encryption. */
  readonly bytes: number;
  /** Of the same, hex. */
  readonly sha256: string;
}

export interface StoredObject {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Of one table, collection or numbered Redis database. */
export interface TableFingerprint {
  readonly rows: number;
  /** Sum of the rows' checksums, in decimal: does not depend on their order. Absent: only counted. */
  readonly checksum?: string;
  /** Its rows may change while they are dumped. */
  readonly approximate?: true;
}

export interface BackupFingerprint {
  /** How checksums are made; only equal ones are compared. */
  readonly method: string;
  /** The counts were not taken in the dump's snapshot. */
  readonly approximate?: true;
  /** Database → table (`schema.table`) → what is in it. */
  readonly databases: Readonly<Record<string, Readonly<Record<string, TableFingerprint>>>>;
}

export interface BackupManifest {
  readonly formatVersion: 1;
  readonly name: string;
  readonly who?: string;
  readonly database: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly engine: string;
  readonly serverVersion: string;
  readonly spec?: Database['spec'];
  readonly application?: { readonly database: string; readonly username: string };
  readonly compression: 'zstd';
  readonly encryption?: { readonly kind: 'aes-256-gcm'; readonly keyFingerprint: string };
  readonly streams: readonly BackupStream[];
  readonly fingerprint: BackupFingerprint;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Present when one of the streams is a copy of the files. */
  readonly files?: FilesCopy;
}

/** What a copy of the files needs of the log of changes to be of use. */
export interface FilesCopy {
  /** Which data it is: logs of other data don't fit. PostgreSQL: the system identifier. */
  readonly data: string;
  /** First piece of the log that it needs, by the engine's name for it. */
  readonly firstPiece: string;
  /** When the copy had ended by the server's clock, RFC 3339: no earlier moment can be reached from it. */
  readonly endedAt: string;
}

/** When a backup was restored and found to be what was backed up. */
export interface GoodProof {
  readonly provenAt: string;
  readonly restoreSeconds: number;
  readonly serverVersion: string;
}

/** `proofs/<backup>.json` beside the backups: the last one, and in one that failed the last good one before it. */
export interface BackupProof {
  readonly backup: string;
  readonly ok: boolean;
  readonly provenAt: string;
  readonly restoreSeconds: number;
  readonly serverVersion: string;
  readonly assertions: readonly string[];
  readonly failures: readonly BackupFailure[];
  /** Only where `ok` is false. */
  readonly lastGood?: GoodProof;
}
