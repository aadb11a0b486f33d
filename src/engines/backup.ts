/**
 * What an engine knows about its own backups. Two programs work together in one pod: the agent, which runs the code here
 * and reads and writes everything, and a shell script in the engine's own image (backup-shell.ts), which runs the
 * engine's tools when the agent tells it to. The script knows verbs; the agent connects their pipes to the storage.
 */
import type {
  BackupFailure,
  BackupFingerprint,
  BackupReason,
  BackupStream,
  FilesCopy,
  TableFingerprint,
} from '../api/backup-order.ts';

/** A failure with a reason that a person can look up. The message says what to do. */
export class BackupFault extends Error {
  readonly reason: BackupReason;
  readonly failures: readonly BackupFailure[];
  constructor(
    reason: BackupReason,
    message: string,
    { cause, failures = [] }: { readonly cause?: unknown; readonly failures?: readonly BackupFailure[] } = {},
  ) {
    super(message, cause === undefined ? {} : { cause });
    this.reason = reason;
    this.failures = failures;
  }
}

/** A server and how to be its superuser. */
export interface ServerAccess {
  readonly host: string;
  readonly port: number;
  /** '' for a throw-away server, which asks for none. */
  readonly password: string;
}

/** The engine's tools, in their own container. Arguments may be any text without NUL. */
export interface EngineTools {
  /** Runs a verb and gives its standard output; rejects with what it says when it fails. */
  run(verb: string, args?: readonly string[]): Promise<string>;
  /** Output of a verb; ends with an error unless the verb ended well. */
  output(verb: string, args?: readonly string[]): AsyncIterable<Buffer>;
  /** Feeds a verb; resolves when it has ended well. */
  input(verb: string, args: readonly string[], chunks: AsyncIterable<Buffer>): Promise<void>;
}

export type StreamName = Pick<BackupStream, 'kind' | 'database' | 'format'>;

/** Where streams of a backup go. */
export interface BackupSink {
  /** Resolves when all of it is stored. */
  put(stream: StreamName, chunks: AsyncIterable<Buffer>): Promise<void>;
}

/** Streams of a backup that is read. Each rejects with what is wrong with the stored objects. */
export interface BackupSource {
  readonly streams: readonly BackupStream[];
  read(stream: BackupStream): AsyncIterable<Buffer>;
}

export interface Application {
  readonly database: string;
  readonly username: string;
  /** Absent: the password that came with the backup stays. */
  readonly password?: string;
}

/** Connections to one server, opened when first used. */
export interface BackupSession {
  /** As the server says it: `17.4`, `8.0.33`. */
  version(): Promise<string>;
  /** Stores everything and says what was in it at the dump's own moment. */
  take(sink: BackupSink): Promise<BackupFingerprint>;
  /**
   * Makes the server ready for a restore and marks it as unfinished: rejects with NotEmpty when it holds data, and
   * clears away what an earlier restore of the same mark left. `complete`: that restore has ended well already.
   */
  prepare(mark: string): Promise<'ready' | 'complete'>;
  restore(source: BackupSource): Promise<void>;
  /** Sets the application's password and marks the restore as complete. */
  finish(application: Application | undefined): Promise<void>;
  /** Of what is there now. */
  fingerprint(): Promise<BackupFingerprint>;
  /** First value of the first row as text; undefined: no row, or NULL. `database` '' is the server's own. */
  query(database: string, statement: string): Promise<string | undefined>;
  /** Stores a copy of the server's files. Absent: the engine has none that a log could be replayed on. */
  files?(sink: BackupSink): Promise<FilesCopy>;
  close(): Promise<void>;
}

/** What a server says of its log of changes, which is cut into pieces. */
export interface LogState {
  /** As in FilesCopy. */
  readonly data: string;
  /** Where it is written now, in the engine's notation: equal texts mean that nothing was written. */
  readonly position: string;
  /** Names of pieces that are there and will not change any more, in the order in which they are needed. */
  readonly pieces: readonly string[];
}

/** The log of changes of one running server. Every method rejects when it can't be asked, or takes no writes. */
export interface LogReader {
  state(): Promise<LogState>;
  /** Rejects when the server has given it up meanwhile. */
  read(piece: string): AsyncIterable<Buffer>;
  /** Ends the piece that is being written, if it holds anything; gives the position after that. */
  cut(): Promise<string>;
  close(): Promise<void>;
}

export interface EngineLog {
  open(access: ServerAccess): LogReader;
  /** Whether a piece is part of the log itself, not a note about it; false: it is never given up. */
  isPiece(name: string): boolean;
  /** Compares by the place in the log, whatever branch of history a piece is of. */
  comparePieces(a: string, b: string): number;
  /** The piece that follows on the same branch. */
  next(piece: string): string;
}

export interface EngineBackup {
  /** Absent: this release can't bring it to a moment between two backups. */
  readonly log?: EngineLog;
  /** Text of the engine container's script. POSIX sh; environment EXCHANGE, SCRATCH. */
  readonly script: string;
  /** Where the throw-away server that the script starts listens. */
  readonly throwAwayPort: number;
  open(access: ServerAccess, tools: EngineTools): BackupSession;
  /** The release line that a dump belongs to, of a version as the server says it: `17`, `8.0`. */
  lineOf(version: string): string;
}

export type Tables = Record<string, TableFingerprint>;
