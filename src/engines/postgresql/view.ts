/** What a server says of itself in one round trip, and what that means. */
import type { MemberView } from '../engine.ts';
import { brokenFile } from './paths.ts';
import { formatPosition } from './position.ts';

/**
 * The timeline is that of the newest log file: functions that tell it lag behind until the next checkpoint, and a
 * history file may be there of a timeline that the server can't join. Of a standby's log, what was received counts, not
 * only what was replayed: a promotion replays the rest first. `read` is false while a standby still reads the log of its
 * own volume, whose end is not known before.
 *
 * `version`: server_version_num. Before 12 the source is in recovery.conf; before 11 no file outside the data directory
 * can be read.
 */
export const viewStatement = (version: number): string => `
WITH log AS (
  SELECT max(substr(name, 1, 8)) AS timeline FROM pg_ls_dir('pg_wal') AS name WHERE name ~ '^[0-9A-F]{24}$'
), receiver AS (
  SELECT status, conninfo, latest_end_lsn, last_msg_receipt_time FROM pg_stat_wal_receiver LIMIT 1
), standby AS (
  SELECT pg_is_in_recovery() AS yes
)
SELECT standby.yes AS standby,
  log.timeline,
  pg_read_file('pg_wal/' || log.timeline || '.history', 0, 1000000, true) AS history,
  CASE WHEN standby.yes THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
       ELSE pg_current_wal_flush_lsn() END::text AS lsn,
  pg_last_wal_receive_lsn() IS NOT NULL OR EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'startup'
    AND wait_event IN ('RecoveryWalStream', 'RecoveryWalAll', 'RecoveryRetrieveRetryInterval')) AS read,
  pg_postmaster_start_time()::text AS started,
  ${
    version >= 120000 ? `current_setting('primary_conninfo', true)` : `pg_read_file('recovery.conf', 0, 100000, true)`
  } AS source,
  receiver.conninfo AS connected,
  receiver.status,
  extract(epoch FROM clock_timestamp() - receiver.last_msg_receipt_time)::float8 AS silent,
  coalesce(pg_last_wal_replay_lsn() >= receiver.latest_end_lsn, false) AS replayed,
  extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS since,
  ${version >= 110000 ? `pg_read_file('${brokenFile}', 0, 1000, true)` : 'NULL'} AS broken
FROM standby CROSS JOIN log LEFT JOIN receiver ON true`;

export interface ViewRow {
  readonly standby: boolean;
  readonly timeline: string | null;
  readonly history: string | null;
  readonly lsn: string | null;
  readonly read: boolean;
  readonly started: string;
  readonly source: string | null;
  readonly connected: string | null;
  readonly status: string | null;
  readonly silent: number | null;
  readonly replayed: boolean;
  readonly since: number | null;
  readonly broken: string | null;
}

/** A sender that has nothing to send says so every 2.5 s (half of wal_sender_timeout). */
const silenceLimit = 5;

/** Members are called `<pod>.<service>`. */
export const podOf = (conninfo: string | null): string | undefined =>
  /(?:^|[ '])host=([a-z0-9-]+)[.]/.exec(conninfo ?? '')?.[1];

/** Throws when the row is not that of a server with a log. */
export function readView(row: ViewRow): MemberView {
  const position = formatPosition(row.timeline ?? '', row.lsn ?? '', row.history);
  if (!row.standby) return { writable: true, streaming: false, position };
  const follows = podOf(row.source);
  const heard = row.status === 'streaming' && row.silent !== null && row.silent < silenceLimit;
  const streaming = heard && follows !== undefined && podOf(row.connected) === follows;
  const lag = streaming && row.replayed ? 0 : row.since;
  return {
    writable: false,
    streaming,
    position,
    ...(follows !== undefined && { follows }),
    ...(lag !== null && { lagSeconds: Math.max(0, lag) }),
    ...(row.broken !== null && !streaming && { broken: row.broken.trim() }),
  };
}
