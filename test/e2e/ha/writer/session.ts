/** What the writer needs of an engine: one connection that writes numbers and reads them back. */

export interface Target {
  readonly host: string;
  readonly port: number;
  /** For connecting and for each statement. */
  readonly timeoutMs: number;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** `writes`: through the Service; `members`: to a member directly, which may not become a write that is counted. */
export type Table = 'writes' | 'members';

export interface Session {
  /** The server that this connection ends at, as it names itself: its address or host name. */
  readonly server: string;
  /** Makes the tables; once before the first write. */
  prepare(): Promise<void>;
  write(table: Table, n: number): Promise<void>;
  /** All of `writes`, in any order. */
  numbers(): Promise<readonly number[]>;
  /** Drops the connection; nothing is waited for. */
  close(): void;
}

export type Connect = (target: Target) => Promise<Session>;
