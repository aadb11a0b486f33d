/**
 * One connection to one server as its superuser, opened when first used. A question that fails for any reason but the
 * server's own answer drops the connection, and the next one opens a new one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { MemberAddress } from '../engine.ts';
import { loadPg } from '../libraries.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Connection {
  /** Rows of one statement; rejects after `milliseconds`, connecting included, and when the server says no. */
  ask(statement: string, values?: readonly string[], milliseconds?: number): Promise<readonly Row[]>;
  /** `server_version_num`, e.g. 170004; asked once for each connection. */
  version(): Promise<number>;
  close(): void;
}

class Timeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/** SQLSTATE of an answer by the server; what the network says (`ECONNREFUSED`) does not look so. */
const isAnswer = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^[0-9A-Z]{5}$/.test(String(error.code));

/** Sessions that the server ends, and servers that start or stop: the connection is of no use any more. */
const endsSession = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(08|57P)/.test(String(error.code));

type Library = (typeof import('pg'))['default'];

interface Opened {
  readonly client: Client;
  readonly version: number;
}

export interface ConnectionOptions {
  /** Default `postgres`. */
  readonly database?: string;
  /** Nothing that is asked is written to the server's log, whatever its configuration says. */
  readonly silent?: boolean;
}

/** Statements that hold a verifier of a password, and failed ones that would quote it. The last two are of extensions. */
const silence = [
  'log_statement=none log_min_duration_statement=-1 log_min_error_statement=panic log_duration=off',
  'log_parser_stats=off debug_print_parse=off debug_print_rewritten=off debug_print_plan=off',
  'standard_conforming_strings=on pgaudit.log=none pg_stat_statements.track_utility=off',
]
  .flatMap((line) => line.split(' '))
  .map((setting) => ` -c ${setting}`)
  .join('');

export function connection(address: MemberAddress, options: ConnectionOptions = {}): Connection {
  let current: Promise<Opened> | undefined;
  let client: Client | undefined;

  // Not end(): that waits until what was asked before is answered.
  const drop = (): void => {
    client?.connection.stream.destroy();
    client = undefined;
    current = undefined;
  };

  const open = async (pg: Library): Promise<Opened> => {
    const mine = new pg.Client({
      host: address.host,
      port: address.port,
      user: 'postgres',
      password: address.superuserPassword,
      database: options.database ?? 'postgres',
      ssl: false,
      application_name: 'database-operator',
      // Whatever anybody has set for the superuser or made in its databases must not change what a statement means.
      options:
        '-c search_path=pg_catalog -c default_transaction_read_only=off -c synchronous_commit=local' +
        (options.silent === true ? silence : ''),
      statement_timeout: statementLimit,
      lock_timeout: address.timeoutMs,
    });
    client = mine;
    const lost = (): void => {
      if (client === mine) drop();
    };
    mine.on('error', lost);
    mine.on('end', lost);
    await mine.connect();
    const { rows } = await mine.query<{ version: string }>("SELECT current_setting('server_version_num') AS version");
    return { client: mine, version: Number(rows[0]?.version) };
  };

  const opened = async (): Promise<Opened> => {
    // Reading the library in may take longer than a server may take to answer.
    current ??= loadPg().then((pg) => within(open(pg), address.timeoutMs, 'connecting'));
    try {
      return await current;
    } catch (error) {
      drop();
      throw error;
    }
  };

  return {
    version: async () => (await opened()).version,
    ask: async (statement, values = [], milliseconds = address.timeoutMs) => {
      const began = performance.now();
      const { client: server } = await opened();
      const left = Math.max(1, milliseconds - (performance.now() - began));
      try {
        return (await within(server.query<Row>(statement, [...values]), left, 'an answer')).rows;
      } catch (error) {
        if (!isAnswer(error) || endsSession(error)) drop();
        throw error;
      }
    },
    close: drop,
  };
}

/** Longer than any command may take; in case the connection breaks in a way that only one side notices. */
const statementLimit = 30_000;

/** The work goes on when the time is up; whoever calls drops what it works with. */
async function within<T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> {
  const done = new AbortController();
  const late = delay(milliseconds, undefined, { signal: done.signal }).then(() => {
    throw new Timeout(`PostgreSQL: ${what} took longer than ${Math.round(milliseconds)} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}
