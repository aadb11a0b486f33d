/** What a writer's log says about an event: how long nothing was acknowledged, what was lost, who accepted writes. */
import { viaPrimary, type Ack, type Line } from './lines.ts';

export interface Gap {
  readonly ms: number;
  /** Acknowledgement before it; the beginning of the window when there is none. */
  readonly from: number;
  /** First acknowledgement after it; the end of the window when there is none. */
  readonly to: number;
  /** Writes were acknowledged again. */
  readonly ended: boolean;
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

const isAck = (line: Line): line is Ack => line.kind === 'ack';
export const acks = (lines: readonly Line[]): Ack[] => lines.filter(isAck);
const throughService = (lines: readonly Line[]): Ack[] => acks(lines).filter(({ via }) => via === viaPrimary);

/** The longest time in the window without an acknowledgement through the Service. */
export function longestGap(lines: readonly Line[], { from, to }: Window): Gap {
  const all = throughService(lines).map(({ at }) => at);
  const before = all.filter((at) => at <= from).at(-1) ?? from;
  const inside = all.filter((at) => at > from && at <= to);
  let longest: Gap = { ms: 0, from: before, to: before, ended: true };
  let last = before;
  for (const at of inside) {
    if (at - last > longest.ms) longest = { ms: at - last, from: last, to: at, ended: true };
    last = at;
  }
  return to - last > longest.ms ? { ms: to - last, from: last, to, ended: false } : longest;
}

/** Acknowledged writes, oldest first, that are not among `present`. */
export function missing(lines: readonly Line[], present: ReadonlySet<number>): Ack[] {
  return throughService(lines).filter(({ n }) => !present.has(n));
}

/** One server accepted writes from its first acknowledgement to its last, and no other in between. */
export interface Reign {
  readonly server: string;
  readonly from: number;
  readonly to: number;
  readonly writes: number;
}

/**
 * Who accepted writes, one after the other. A late answer is no reign of its own: a write that was sent before the next
 * server's first acknowledgement may have been accepted before it. `names` turns a server's address into its pod.
 */
export function reigns(lines: readonly Line[], names: ReadonlyMap<string, string> = new Map()): Reign[] {
  const found: Reign[] = [];
  for (const { server, sent, at } of acks(lines).sort((a, b) => a.at - b.at)) {
    const name = names.get(server) ?? server;
    const current = found.at(-1);
    if (current?.server === name) found[found.length - 1] = { ...current, to: at, writes: current.writes + 1 };
    else if (current === undefined || sent > current.from) found.push({ server: name, from: at, to: at, writes: 1 });
  }
  return found;
}

/**
 * All reigns when there were more changes than were decided: a server accepted writes that nobody had told to, or went
 * on while another had begun. Empty: never two at once, as far as was asked.
 */
export function overlaps(found: readonly Reign[], decidedChanges: number): readonly Reign[] {
  return found.length - 1 > decidedChanges ? found : [];
}

/** Address → pod, from what members answered when they were asked directly. */
export function namesOf(lines: readonly Line[]): Map<string, string> {
  return new Map(
    lines.flatMap((line) =>
      line.kind === 'open' && line.via !== viaPrimary ? [[line.server, line.via] as const] : [],
    ),
  );
}

export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

/** Nearest rank; undefined of nothing. */
export function distribution(values: readonly number[]): Distribution | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? NaN;
  if (sorted.length === 0) return undefined;
  return { count: sorted.length, min: rank(0), median: rank(0.5), p90: rank(0.9), max: rank(1) };
}
