/** What `SHOW REPLICA STATUS` says, in the words of both servers and of their older releases. */
import { text, type Row } from './connection.ts';

export interface ReplicaStatus {
  readonly host: string;
  readonly ioRunning: boolean;
  readonly sqlRunning: boolean;
  /** One of its threads has ended; it does not begin again by itself. */
  readonly stopped: boolean;
  readonly ioError: number;
  readonly sqlError: number;
  readonly ioMessage: string;
  readonly sqlMessage: string;
  /** Undefined: unknown. */
  readonly lagSeconds: number | undefined;
  /** MySQL: a GTID set. */
  readonly retrieved: string;
  /** MariaDB: the last GTID received. */
  readonly ioPosition: string;
}

/** Undefined: it follows nobody. */
export function replicaStatus(row: Row | undefined): ReplicaStatus | undefined {
  const either = (column: string): string =>
    text(row, column.replace('Replica', 'Slave').replace('Source', 'Master')) || text(row, column);
  const host = either('Source_Host');
  if (row === undefined || host === '') return undefined;
  const lag = either('Seconds_Behind_Source');
  return {
    host,
    ioRunning: either('Replica_IO_Running') === 'Yes',
    sqlRunning: either('Replica_SQL_Running') === 'Yes',
    stopped: ['Replica_IO_Running', 'Replica_SQL_Running'].some((thread) => either(thread) === 'No'),
    ioError: Number(text(row, 'Last_IO_Errno')),
    sqlError: Number(text(row, 'Last_SQL_Errno')),
    ioMessage: text(row, 'Last_IO_Error'),
    sqlMessage: text(row, 'Last_SQL_Error'),
    lagSeconds: lag === '' ? undefined : Number(lag),
    retrieved: text(row, 'Retrieved_Gtid_Set'),
    ioPosition: text(row, 'Gtid_IO_Pos'),
  };
}

/** A member is addressed as `<pod>.<headless service>`; anybody else is no member. */
export const memberOf = (host: string): string | undefined => /^([a-z0-9][-a-z0-9]*-\d+)\.[^.]/.exec(host)?.[1];

/** The source's log no longer has what this member needs, or never had it. 13114 is how MySQL 8 wraps 1236. */
const lostLog: ReadonlySet<number> = new Set([1236, 13_114, 1945, 1955]);

/**
 * A change did not fit the data here, so the data is not the source's: rows, tables and databases that are there or
 * missing against expectation, accounts likewise, a GTID out of order (1950), a relay log that can't be read (1594).
 * Locks, full disks and lack of memory (1205, 1213, 1021, 1037) are not among them: they pass.
 */
const otherData: ReadonlySet<number> = new Set([
  ...[1007, 1008, 1022, 1032, 1049, 1050, 1051, 1054, 1060, 1061, 1062, 1091, 1146, 1396, 1451, 1452],
  ...[1594, 1677, 1950, 13_146],
]);

/** Why it will never catch up by itself; undefined: nothing known. */
export function brokenReason(status: ReplicaStatus): string | undefined {
  if (!status.ioRunning && lostLog.has(status.ioError))
    return `its source can't give what it lacks (error ${status.ioError}): ${status.ioMessage}`;
  if (!status.sqlRunning && otherData.has(status.sqlError))
    return `a change does not fit its data (error ${status.sqlError}): ${status.sqlMessage}`;
  return undefined;
}
