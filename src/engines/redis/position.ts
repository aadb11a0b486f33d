/**
 * How far a member's data goes: a chain of histories, newest first, each a replication id and the last offset of it that
 * the data has, `id:offset/older id:offset`. A promotion begins a new history on top of the old one. Empty: no data that
 * anybody knows of.
 */
import type { PositionOrder } from '../engine.ts';

interface Link {
  readonly id: string;
  readonly offset: bigint;
}

const link = /^([0-9a-f]{40}):([0-9]{1,19})$/;

/** What can't be read counts as nothing. */
function parse(position: string): readonly Link[] {
  const links = position.split('/').map((part) => link.exec(part));
  return links.every((found) => found !== null)
    ? links.map(([, id = '', offset = '']) => ({ id, offset: BigInt(offset) }))
    : [];
}

/** A history in which nothing happened yet is not looked at: its data is that of the one below. */
function withoutEmptyHead(links: readonly Link[]): readonly Link[] {
  const [head, next] = links;
  return head && next && head.offset === next.offset ? withoutEmptyHead(links.slice(1)) : links;
}

const has = (links: readonly Link[], head: Link | undefined): boolean =>
  head === undefined || links.some(({ id, offset }) => id === head.id && offset >= head.offset);

/** Offsets count the primary's pings too, so `ahead` may be by nothing that a client wrote. */
export function comparePositions(a: string, b: string): PositionOrder {
  const [left, right] = [withoutEmptyHead(parse(a)), withoutEmptyHead(parse(b))];
  const hasAll = has(left, right[0]);
  const isIn = has(right, left[0]);
  if (hasAll && isIn) return 'equal';
  if (hasAll) return 'ahead';
  return isIn ? 'behind' : 'diverged';
}

/** What the boot script told (boot-position.ts). */
export interface Origin {
  /** The id that the server gave itself when it started. */
  readonly self: string;
  /** The position of the data that it started from. */
  readonly base: string;
  /** False: it started read-only, so nothing was written under `self`. */
  readonly bornPrimary: boolean;
}

export interface Identity {
  readonly id: string;
  readonly offset: string;
  /** Forty zeros: none. */
  readonly olderId: string;
  /** One past the last offset of the older history; -1: none. */
  readonly olderEnd: string;
  readonly writable: boolean;
}

const join = (...links: readonly string[]): string => links.filter((text) => text !== '').join('/');

/** The same rules as in the shell function `note`. */
export function positionOf({ id, offset, olderId, olderEnd, writable }: Identity, origin: Origin): string {
  const { self, base, bornPrimary } = origin;
  const now = `${id}:${offset}`;
  if (id === self) return !bornPrimary && !writable ? base : join(now, base);
  if (!(Number(olderEnd) > 0)) return now;
  if (olderId === self && !bornPrimary) return join(now, base);
  const older = `${olderId}:${BigInt(olderEnd) - 1n}`;
  return olderId === self ? join(now, older, base) : join(now, older);
}
