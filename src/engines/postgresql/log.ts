/**
 * PostgreSQL's write-ahead log, read file by file over an ordinary connection of the superuser. So nothing in the server's
 * pod ships it: `archive_command` would need a client of the bucket there, and a server whose command fails keeps its log
 * until the volume is full. Here the server keeps `wal_keep_size` of it and no more, whoever reads or does not.
 */
import type { Client } from 'pg';
import { BackupFault, type EngineLog, type LogReader, type LogState, type ServerAccess } from '../backup.ts';
import { loadPg } from '../libraries.ts';

const timeoutMs = 30_000;
/** Of one question; a file has 16 MiB. */
const chunkBytes = 4 * 1024 * 1024;

const wholeFile = /^([0-9A-F]{8})([0-9A-F]{16})$/;
const isPiece = (name: string): boolean => wholeFile.test(name);
/** Without the timeline, which branches. */
const place = (name: string): string => name.slice(8);

export const postgresqlLog: EngineLog = {
  open,
  isPiece,
  comparePieces: (a, b) => (place(a) === place(b) ? 0 : place(a) < place(b) ? -1 : 1),
  next: (name) => pieceName(name.slice(0, 8), pieceNumber(place(name)) + 1n),
};

/** Log files of 16 MiB, as every public image makes them: 256 to a number of the upper half. */
const perLog = 256n;
const segmentBytes = 16n * 1024n * 1024n;
const pieceNumber = (text: string): bigint =>
  BigInt(`0x${text.slice(0, 8)}`) * perLog + BigInt(`0x${text.slice(8, 16)}`);
const hex = (value: bigint): string => value.toString(16).toUpperCase().padStart(8, '0');
const pieceName = (timeline: string, number: bigint): string => timeline + hex(number / perLog) + hex(number % perLog);

/** `16/B374D848` */
function segmentOf(lsn: string): bigint {
  const [high = '0', low = '0'] = lsn.split('/');
  return ((BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`)) / segmentBytes;
}

export interface LogFiles {
  /** File that is being written. */
  readonly current: string;
  /** Of the current timeline: `1\t0/5000148\tno recovery target specified` and so on; '' for the first. */
  readonly history: string;
  /** What lies in pg_wal. */
  readonly names: readonly string[];
}

/**
 * Files that are whole. A file of a former timeline counts up to where the next one branched off: what it holds after that never
 * happened. Names beyond those are old files that wait to be written again.
 */
export function wholePieces({ current, history, names }: LogFiles): readonly string[] {
  const end = new Map<string, bigint>([[current.slice(0, 8), pieceNumber(place(current))]]);
  for (const line of history.split('\n')) {
    const [, timeline = '', lsn = ''] = /^\s*(\d+)\t([0-9A-F]+\/[0-9A-F]+)/.exec(line) ?? [];
    if (timeline !== '') end.set(hex(BigInt(timeline)), segmentOf(lsn));
  }
  const pieces = names.filter((name) => isPiece(name) && pieceNumber(place(name)) < (end.get(name.slice(0, 8)) ?? 0n));
  const histories = names.filter((name) => /^[0-9A-F]{8}\.history$/.test(name));
  return [...histories.toSorted(), ...pieces.toSorted((a, b) => postgresqlLog.comparePieces(a, b) || (a < b ? -1 : 1))];
}

function open(access: ServerAccess): LogReader {
  let connected: Promise<Client> | undefined;
  const ask = async (text: string, values: readonly unknown[] = []): Promise<Readonly<Record<string, unknown>>> => {
    const client = await (connected ??= connect(access));
    const { rows } = await client.query<Readonly<Record<string, unknown>>>(text, [...values]);
    return rows[0] ?? {};
  };
  const text = async (statement: string): Promise<string> => {
    const { it } = await ask(statement);
    return typeof it === 'string' ? it : '';
  };
  return {
    async state(): Promise<LogState> {
      if ((await text('SELECT pg_catalog.pg_is_in_recovery() AS it')) !== 'f') {
        throw new BackupFault('ServerUnreachable', 'the server takes no writes: its log is not the one to store');
      }
      const { data, current, position, segment } = await ask(`SELECT system_identifier::text AS data,
        pg_walfile_name(pg_current_wal_lsn()) AS current, pg_current_wal_insert_lsn()::text AS position,
        current_setting('wal_segment_size') AS segment FROM pg_control_system()`);
      if (segment !== '16MB') {
        throw new BackupFault('WrongVersion', `files of the log have ${String(segment)} instead of 16MB here`);
      }
      const timeline = String(current).slice(0, 8);
      const history =
        timeline === '00000001'
          ? ''
          : await text(`SELECT convert_from(pg_read_binary_file('pg_wal/${timeline}.history'), 'UTF8') AS it`);
      const names = (await text("SELECT string_agg(name, ' ') AS it FROM pg_ls_waldir()")).split(' ');
      const pieces = wholePieces({ current: String(current), history, names });
      return { data: String(data), position: String(position), pieces };
    },

    async *read(piece) {
      let bytes = 0;
      for (;;) {
        // As base64: the client library reads every answer as text.
        const { it } = await ask("SELECT encode(pg_read_binary_file($1, $2, $3), 'base64') AS it", [
          `pg_wal/${piece}`,
          String(bytes),
          String(chunkBytes),
        ]);
        const chunk = Buffer.from(typeof it === 'string' ? it : '', 'base64');
        bytes += chunk.length;
        if (chunk.length > 0) yield chunk;
        if (chunk.length < chunkBytes) break;
      }
      if (isPiece(piece) && bytes !== Number(segmentBytes)) {
        throw new BackupFault('DumpFailed', `${piece} has ${bytes} bytes instead of ${segmentBytes}`);
      }
    },

    async cut() {
      await ask('SELECT pg_catalog.pg_switch_wal()');
      return text('SELECT pg_current_wal_insert_lsn()::text AS it');
    },

    async close() {
      const client = await connected?.catch(() => undefined);
      connected = undefined;
      await client?.end().catch(() => undefined);
    },
  };
}

async function connect({ host, port, password }: ServerAccess): Promise<Client> {
  const pg = await loadPg();
  const client = new pg.Client({
    ...{ host, port, user: 'postgres', password, database: 'postgres', ssl: false },
    application_name: 'database-operator-log',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    options: '-c search_path=pg_catalog',
    // Values as the server writes them.
    types: { getTypeParser: () => (value: string) => value },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BackupFault('ServerUnreachable', `can't connect to PostgreSQL at ${host}:${port}: ${why}`, {
      cause: error,
    });
  }
  return client;
}
