/**
 * Users inside a server, as the loop asks for them. Each engine compares what is there with what is wanted and writes
 * nothing where nothing differs, so `ensure` may be called at any time and again after any failure.
 */
import type { Privilege } from '../api/types.generated.ts';
import type { MemberAddress } from './engine.ts';

export interface UsersServer {
  /** The member that takes writes. */
  readonly primary: MemberAddress;
  /** All that run, the primary among them. */
  readonly members: readonly MemberAddress[];
  /** Of the Database itself: where privileges point that name no database, and who gets what a dropped user owned. */
  readonly application: { readonly user: string; readonly database: string };
}

/** Names under which one user may log in. */
export interface UserNames {
  readonly name: string;
  /** The second login of a user whose password rotates; undefined where a user can have two passwords. */
  readonly alternate?: string;
}

export interface WantedUser extends UserNames {
  readonly login: { readonly name: string; readonly password: string };
  /** Valid until the next rotation. `sha256` (hex) of its password where it belongs to the same login. */
  readonly previous?: { readonly name: string; readonly sha256?: string };
  readonly privileges: readonly Privilege[];
  /** It has been made true before: what is there under its name is the operator's, even as a superuser. */
  readonly known?: boolean;
  /** From then on the server itself refuses the log-in, where it can. */
  readonly expiresAt?: Date;
  /** A logical database (Redis: a prefix of keys) that is all its own, which nobody else enters. */
  readonly home?: string;
  readonly limits?: { readonly connections?: number; readonly statementTimeoutMs?: number };
}

/** All in words for people; no password, no hash. */
export interface UserReport {
  /** Empty: nothing was written. */
  readonly changes: readonly string[];
  /** Rights that it had and should not have. */
  readonly revoked: readonly string[];
  /** What the privileges speak of and is not there yet. */
  readonly missing: readonly string[];
  /** What was asked for and this engine can't do. */
  readonly unsupported: readonly string[];
  /** Of the home, in bytes; undefined where the engine does not tell. */
  readonly size?: number;
}

export interface DropReport {
  /** Why the user is still there, locked, in words; undefined: it is gone. */
  readonly kept?: string;
}

/** Connections are opened when first used. Methods reject when the server does not answer or says no. */
export interface UsersClient {
  /** Rejects with UserRefused what is not for the operator to change. */
  ensure(user: WantedUser): Promise<UserReport>;
  /** No log-in any more, and its sessions are ended on every member. Rights and data stay. */
  lock(user: UserNames): Promise<void>;
  /** Gives what it owns to the application's user, then drops it; `home` is dropped with everything in it. */
  drop(user: UserNames & { readonly home?: string }): Promise<DropReport>;
  close(): void;
}

/** The library behind it is imported when it first connects. */
export interface UsersDriver {
  /** A user has one password only, so a rotation goes to and fro between two logins. */
  readonly alternates: boolean;
  /** Put behind a connection URI. */
  readonly uriOptions?: string;
  /** JDBC drivers take this URI; absent: there is none that everybody uses. */
  jdbcUri?: (parts: { username: string; password: string; host: string; port: number; database: string }) => string;
  connect(server: UsersServer, randomBytes: (count: number) => Uint8Array): UsersClient;
}

/** The user or database of that name is not the operator's to change. The message says why and what to do. */
export class UserRefused extends Error {
  override readonly name = 'UserRefused';
}

const suffix = '_alt';

/** The second login of a user. */
export const alternateName = (name: string, maxLength: number): string =>
  name.slice(0, maxLength - suffix.length) + suffix;

export const noReport: UserReport = { changes: [], revoked: [], missing: [], unsupported: [] };
