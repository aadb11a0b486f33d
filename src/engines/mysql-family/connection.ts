/**
 * One connection to one member, opened when first used. Whatever fails or takes too long drops it, and the next question
 * opens a new one. Errors name the pod and never carry a statement, because some hold passwords.
 */
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { MemberAddress } from '../engine.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Asks one statement; `?` are replaced by the values, quoted. */
export type Ask = (statement: string, values?: readonly (string | number)[]) => Promise<readonly Row[]>;

/** What is known of a server once it is connected. */
export interface Server {
  readonly ask: Ask;
  /** `8.0.33`, `11.8.6-MariaDB`. */
  readonly version: string;
  /** The same object while it is the same connection. */
  readonly identity: object;
}

/** To one member; what goes wrong is told by an error with a `code`. */
export interface Connected {
  /** Runs `work` within so many milliseconds, connecting included, which may take the address' own time at most. */
  within<T>(limitMs: number, work: (server: Server) => Promise<T>): Promise<T>;
  close(): void;
}

export type Connect = (address: MemberAddress) => Connected;

export class MemberConnection implements Connected {
  readonly #address: MemberAddress;
  #opened: Promise<{ connection: Connection; server: Server }> | undefined;

  constructor(address: MemberAddress) {
    this.#address = address;
  }

  within<T>(limitMs: number, work: (server: Server) => Promise<T>): Promise<T> {
    const { pod } = this.#address;
    const opened = (this.#opened ??= this.#open());
    const time = AbortSignal.timeout(limitMs);
    return new Promise<T>((resolve, reject) => {
      const fail = (reason: string, code: string): void => {
        this.#drop(opened);
        reject(Object.assign(new Error(`${pod}: ${reason}`), { code }));
      };
      const late = (): void => fail(`no answer within ${limitMs} ms`, 'ETIMEDOUT');
      time.addEventListener('abort', late);
      opened
        .then(({ server }) => work(server))
        .then(resolve, (error: unknown) => fail(messageOf(error), codeOf(error)))
        .finally(() => time.removeEventListener('abort', late));
    });
  }

  close(): void {
    if (this.#opened !== undefined) this.#drop(this.#opened);
  }

  #drop(opened: Promise<{ connection: Connection }>): void {
    if (this.#opened === opened) this.#opened = undefined;
    opened.then(({ connection }) => connection.destroy()).catch(() => undefined);
  }

  async #open(): Promise<{ connection: Connection; server: Server }> {
    const { host, port, superuserPassword, timeoutMs } = this.#address;
    // In the image's bundle a CommonJS module has its default only.
    const { default: mysql } = await import('mysql2/promise');
    const connection = await mysql.createConnection({
      ...{ host, port, user: 'root', password: superuserPassword },
      ...{ connectTimeout: timeoutMs, charset: 'utf8mb4', supportBigNumbers: true, bigNumberStrings: true },
    });
    // A connection that breaks while nobody asks reports it here only; the next question finds out.
    connection.on('error', () => undefined);
    const ask: Ask = async (statement, values = []) => {
      const [rows] = await connection.query<RowDataPacket[]>(statement, [...values]);
      return Array.isArray(rows) ? rows : [];
    };
    try {
      // The quoting of values relies on backslashes, whatever the configuration says.
      await ask("SET SESSION sql_mode = ''");
      const [row] = await ask('SELECT VERSION() AS version');
      return { connection, server: { ask, version: text(row, 'version'), identity: connection } };
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }
}

/** `ECONNREFUSED` proves that no process listens; the operator relies on it. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';

/** mysql2's errors carry the statement beside the message; only the message goes on. It is empty when all was refused. */
const messageOf = (error: unknown): string =>
  error instanceof Error && error.message !== '' ? error.message : codeOf(error);

/** A column as text; '' when it is absent or NULL. */
export function text(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

/** `8.0.33-log` → 80033 */
export function versionNumber(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
  return major * 10_000 + minor * 100 + patch;
}
