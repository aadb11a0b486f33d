/** How a report of a member (planning/topology-types.ts) changes with each answer, failure and order. Times in milliseconds. */
import type { MemberView } from '../../engines/engine.ts';
import type { Report } from '../../planning/topology-types.ts';
import { coarseLag } from '../../status/lag.ts';
import { REFUSED_MS } from '../../planning/topology-evidence.ts';

export const unasked = (now: number): Report => ({ kind: 'unknown', since: now, watchedSince: now });

/** `sentAt`: when the question was sent; the answer is true of some moment after it. */
export function answered(before: Report, view: MemberView, sentAt: number, primary: string | undefined): Report {
  const same = before.kind === 'seen' && before.view?.writable === view.writable;
  const streams = primary !== undefined && view.streaming && view.follows === primary;
  const lag = view.lagSeconds === undefined ? {} : { lagSeconds: view.lagSeconds };
  const { watchedSince, promotedAt, orderedAt, killedSince, harmlessSince = sentAt, streamed } = before;
  return {
    kind: 'seen',
    since: same ? before.since : sentAt,
    answersSince: answersSince(before, view, sentAt),
    watchedSince,
    view,
    heardAt: sentAt,
    ...(promotedAt !== undefined && { promotedAt }),
    ...(orderedAt !== undefined && { orderedAt }),
    ...(killedSince !== undefined && { killedSince }),
    ...(!view.writable && { harmlessSince }),
    ...(streams ? { streamed: { at: sentAt, ...lag } } : streamed !== undefined && { streamed }),
  };
}

/** One that took writes and does not any more has restarted, so quickly that no question failed. */
const answersSince = (before: Report, { writable }: MemberView, sentAt: number): number =>
  before.view?.writable === true && !writable ? sentAt : (before.answersSince ?? sentAt);

/** Nothing listens (`refused`), or whatever else went wrong. `sentAt`: when the question was sent. */
export function failed(before: Report, refused: boolean, sentAt: number, now: number): Report {
  const kind = refused ? 'refused' : 'silent';
  const since = before.kind === kind ? before.since : refused ? now : (before.heardAt ?? before.watchedSince);
  const isProven = refused && now - since >= REFUSED_MS;
  const harmlessSince = before.harmlessSince ?? (isProven ? since : undefined);
  const { unansweredSince = sentAt } = before;
  const proven = harmlessSince !== undefined && { harmlessSince };
  return { ...before, kind, since, answersSince: undefined, unansweredSince, ...proven };
}

/** Something is about to be done to it: what it said is no longer to be relied on. */
export function ordered(before: Report, what: 'promote' | 'other', now: number): Report {
  const { harmlessSince, ...rest } = before;
  const order = { kind: 'unknown', since: now, orderedAt: now, unansweredSince: undefined } as const;
  if (what === 'promote') return { ...rest, ...order, promotedAt: now };
  return { ...rest, ...order, ...(harmlessSince !== undefined && { harmlessSince }) };
}

/** What of a report could change a decision or the status. */
export function fingerprint({ kind, view, harmlessSince }: Report): string {
  if (kind !== 'seen' || view === undefined) return `${kind} ${harmlessSince === undefined}`;
  const { writable, follows = '', streaming, lagSeconds, broken = '' } = view;
  return JSON.stringify([writable, follows, streaming, coarseLag(lagSeconds ?? 0), broken]);
}

/** Nothing listens at the address, wherever in the chain of causes a library has put it. */
export function isRefusal(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 4) return false;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (code === 'ECONNREFUSED') return true;
  const inner = Array.isArray(errors) && errors.length > 0 && errors.every((one) => isRefusal(one, depth + 1));
  return inner || isRefusal(cause, depth + 1);
}
