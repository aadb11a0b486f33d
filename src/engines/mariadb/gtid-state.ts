/**
 * What a MariaDB server has of each writer. A MariaDB GTID is `domain-server-sequence`, and only the last one of a
 * domain is called its position; that can't tell a history that has parted, because the next primary goes on counting.
 * The binary log's state keeps the last sequence of every server that ever wrote, and within a domain every server's
 * sequences rise (gtid_strict_mode), so "has all of" is compared writer by writer.
 */
import type { PositionOrder } from '../engine.ts';

/** `domain-server` → the highest sequence. */
export type GtidState = ReadonlyMap<string, number>;

/** Takes what the server gives for gtid_binlog_state, gtid_slave_pos and Gtid_IO_Pos. Throws on anything else. */
export function parseGtidState(...texts: readonly string[]): GtidState {
  const found = new Map<string, number>();
  for (const gtid of texts.flatMap((text) => text.replaceAll(/\s/g, '').split(',')).filter(Boolean)) {
    const [, writer, sequence] = /^(\d+-\d+)-(\d+)$/.exec(gtid) ?? [];
    if (writer === undefined) throw new Error(`not a list of GTIDs: ${gtid.slice(0, 100)}`);
    found.set(writer, Math.max(found.get(writer) ?? 0, Number(sequence)));
  }
  return found;
}

/** In one spelling: equal states give equal text. */
export const formatGtidState = (state: GtidState): string =>
  [...state]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([writer, sequence]) => `${writer}-${sequence}`)
    .join(',');

/** The writers of which `a` has more than `b`, with what `a` has. */
export const beyond = (a: GtidState, b: GtidState): GtidState =>
  new Map([...a].filter(([writer, sequence]) => sequence > (b.get(writer) ?? 0)));

export function compareGtidStates(a: GtidState, b: GtidState): PositionOrder {
  const more = beyond(a, b).size > 0;
  const less = beyond(b, a).size > 0;
  if (more) return less ? 'diverged' : 'ahead';
  return less ? 'behind' : 'equal';
}
