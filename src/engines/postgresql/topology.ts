/** How members of PostgreSQL are asked and steered. */
import { setTimeout as delay } from 'node:timers/promises';
import type { MemberAddress, MemberClient, MemberView, TopologyDriver } from '../engine.ts';
import { topologyDirectory } from '../mounts.ts';
import { volumeUse, type VolumeUse } from '../volume-use.ts';
import { connection, type Connection } from './connection.ts';
import { followFile, ledFile, promoteFile, sourceSetting, volumeFile } from './paths.ts';
import { comparePositions } from './position.ts';
import { podOf, readView, viewStatement, type ViewRow } from './view.ts';

/** Milliseconds that a command may take. */
const commandTime = 8000;

/** A checkpoint writes out everything that changed. */
const checkpointTime = 600_000;

/** What ends up in statements and files. */
const podName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

class PostgresqlMember implements MemberClient {
  readonly #address: MemberAddress;
  readonly #connection: Connection;
  readonly #open: (address: MemberAddress) => Connection;
  /** Start time of the server that was seen at the end of its own log; what it receives from then on is known at once. */
  #readToEnd: string | undefined;

  constructor(address: MemberAddress, open: (address: MemberAddress) => Connection) {
    this.#address = address;
    this.#open = open;
    this.#connection = open(address);
  }

  async view(): Promise<MemberView> {
    const [row] = await this.#connection.ask(viewStatement(await this.#connection.version()));
    if (row === undefined) throw new Error(`${this.#address.pod} gave no answer about itself`);
    const seen = row as unknown as ViewRow;
    if (seen.standby && !seen.read && this.#readToEnd !== seen.started) {
      throw new Error(`${this.#address.pod} still reads the log of its own volume`);
    }
    this.#readToEnd = seen.started;
    return readView(seen);
  }

  async promote(): Promise<void> {
    if (!(await this.#inRecovery())) return;
    const version = await this.#connection.version();
    // Replicas wait for their slot before they can follow: it is made here, not when they come asking.
    if (version >= 130000) await this.#connection.ask(slotStatement, [this.#address.pod]);
    if (version >= 120000) {
      const [row] = await this.#connection.ask(
        `SELECT pg_promote(true, ${commandTime / 1000 - 1}) AS done`,
        [],
        commandTime,
      );
      if (row?.['done'] !== true) throw new Error(`${this.#address.pod} was told to promote and is not yet writable`);
    } else {
      await this.#connection.ask(`COPY (SELECT '') TO '${promoteFile}'`);
      const until = performance.now() + commandTime;
      while (await this.#inRecovery()) {
        if (performance.now() > until)
          throw new Error(`${this.#address.pod} was told to promote and is not yet writable`);
        await delay(100);
      }
    }
    this.#checkpoint();
  }

  async follow(primary: MemberAddress): Promise<void> {
    if (!podName.test(primary.pod)) throw new Error(`${primary.pod} is not the name of a pod`);
    const version = await this.#connection.version();
    const [row] = await this.#connection.ask(sourceStatement(version), [primary.pod]);
    if (row?.['standby'] !== true)
      throw new Error(`${this.#address.pod} takes writes: it has to be restarted before it can follow`);
    if (podOf(text(row['source'])) === primary.pod) return;
    // The boot script does it where the server must not be turned at once: before 13 that needs a restart, and what was
    // a primary may have a history of its own.
    if (version < 130000 || row['led'] === true) {
      await this.#connection.ask(`COPY (SELECT '${primary.pod}') TO '${followFile}'`);
      return;
    }
    const change = text(row['change']);
    if (change === null) throw new Error(`${this.#address.pod} does not know how to reach others: restart it`);
    await this.#connection.ask(change);
    await this.#connection.ask('SELECT pg_reload_conf()');
  }

  async volume(): Promise<VolumeUse | undefined> {
    // Before 11 no file outside the data directory can be read.
    if ((await this.#connection.version()) < 110000) return undefined;
    const [row] = await this.#connection.ask(volumeStatement);
    return volumeUse(text(row?.['line']) ?? '', Number(row?.['now']));
  }

  close(): void {
    this.#connection.close();
  }

  async #inRecovery(): Promise<boolean> {
    const [row] = await this.#connection.ask('SELECT pg_is_in_recovery() AS standby');
    return row?.['standby'] !== false;
  }

  /** Not waited for. pg_rewind reads the new timeline from the control file, which the next checkpoint writes. */
  #checkpoint(): void {
    const other = this.#open(this.#address);
    void other
      .ask('CHECKPOINT', [], checkpointTime)
      .catch(() => undefined) // The server makes one of its own, only later.
      .finally(() => other.close());
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const volumeStatement = `SELECT pg_read_file('${volumeFile}', 0, 100, true) AS line,
  extract(epoch FROM clock_timestamp())::float8 AS now`;

/** A slot for every member but `$1`, its own; names as the boot script makes them. */
const slotStatement = `
SELECT pg_create_physical_replication_slot(slot, true) FROM (
  SELECT replace(member, '-', '_') AS slot
  FROM regexp_split_to_table(pg_read_file('${topologyDirectory}/members'), '\\s+') AS member
  WHERE member NOT IN ('', $1)
) AS members
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = slot)`;

/** Whom it follows now, and the statement that makes it follow `$1`; the boot script knows how members reach each other. */
const sourceStatement = (version: number): string => `
SELECT pg_is_in_recovery() AS standby,
  ${version >= 120000 ? `current_setting('primary_conninfo')` : `pg_read_file('recovery.conf', 0, 100000, true)`} AS source,
  ${version >= 110000 ? `(pg_stat_file('${ledFile}', true)).modification IS NOT NULL` : 'false'} AS led,
  'ALTER SYSTEM SET primary_conninfo = ' || quote_literal(replace(current_setting('${sourceSetting}', true), '{pod}', $1)) AS change
WHERE $1::text IS NOT NULL`;

/** `open`: replaced in tests. */
export const postgresqlTopology = (open = connection): TopologyDriver => ({
  // A primary gives up writing by a restart only: sessions can turn default_transaction_read_only off again.
  demotes: false,
  connect: (address) => new PostgresqlMember(address, open),
  comparePositions,
});
