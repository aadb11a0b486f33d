/**
 * How far a server's data goes: timeline, log sequence number, and where each earlier timeline was left. Two of them
 * alone tell whether one is contained in the other, as `3/0/5000148;1@0/3000000,2@0/40000A0`.
 */
import type { PositionOrder } from '../engine.ts';

/** A stretch of log: timeline and its end, exclusive. */
interface Stretch {
  readonly timeline: number;
  readonly end: bigint;
}

/** `16/B374D848` → the 64-bit number; undefined when it is none. */
export function parseLsn(text: string): bigint | undefined {
  const [, high, low] = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text) ?? [];
  return high === undefined || low === undefined ? undefined : (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/**
 * `timeline`: as in the names of log files, eight hexadecimal digits. `history`: the server's `<timeline>.history`,
 * whose lines are timeline, where it was left, and a remark; it may be missing for timeline 1 only.
 */
export function formatPosition(timeline: string, lsn: string, history: string | null): string {
  const left = (history ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s/, 2))
    .filter(([number = '', end = '']) => /^[0-9]+$/.test(number) && parseLsn(end) !== undefined)
    .map(([number, end]) => `${number}@${end}`);
  const own = Number.parseInt(timeline, 16);
  if (!(own >= 1)) throw new Error(`${timeline} is not a timeline`);
  if (own > 1 && left.length === 0) throw new Error(`the history of timeline ${own} is missing`);
  return `${own}/${lsn}${left.length > 0 ? `;${left.join(',')}` : ''}`;
}

/** Oldest first; the last one is where the server is now. */
function parsePosition(text: string): Stretch[] {
  const [now = '', past = ''] = text.split(';', 2);
  const slash = now.indexOf('/');
  const stretches = [
    ...past.split(',').filter((part) => part !== ''),
    `${now.slice(0, slash)}@${now.slice(slash + 1)}`,
  ].map((part) => {
    const [number = '', lsn = ''] = part.split('@', 2);
    const end = parseLsn(lsn);
    if (!/^[1-9][0-9]*$/.test(number) || end === undefined) throw new Error(`${text} is not a position of PostgreSQL`);
    return { timeline: Number(number), end };
  });
  return stretches;
}

/** Up to where both have the same log. */
function sharedUntil(a: readonly Stretch[], b: readonly Stretch[]): bigint {
  let shared = 0n;
  for (const [index, mine] of a.entries()) {
    const theirs = b[index];
    if (theirs === undefined || theirs.timeline !== mine.timeline) return shared;
    shared = mine.end < theirs.end ? mine.end : theirs.end;
    if (mine.end !== theirs.end) return shared;
  }
  return shared;
}

/** Throws when one of them is no position. */
export function comparePositions(a: string, b: string): PositionOrder {
  const [one, other] = [parsePosition(a), parsePosition(b)];
  const shared = sharedUntil(one, other);
  const more = (stretches: readonly Stretch[]): boolean => (stretches.at(-1)?.end ?? 0n) > shared;
  if (more(one)) return more(other) ? 'diverged' : 'ahead';
  return more(other) ? 'behind' : 'equal';
}
