/**
 * What counts as proof that a member can't write, and which member may be promoted. Nothing here trusts the absence of
 * news: a member of which nothing is known may be writable until its own watchdog has had the time to stop it.
 */
import type { MemberView } from '../engines/engine.ts';
import type { Member, Proof, TopologyInput } from './topology-types.ts';

/**
 * The watchdog stops a server within 4 s of the last peer or API server it reached, 5 s when it had no time to try. A question
 * goes unanswered for a second at most before that is known, so a member that is cut off has been so for 6 s by then.
 */
export const WATCHDOG_MS = 7_000;
/** The kubelet ends a frozen server too, one second after it is told; where it does not, nothing there is alive. */
export const KILL_MS = 4_000;
/** A listening socket is closed a moment before the last session ends. */
export const REFUSED_MS = 1_000;
/** An answer older than this is no answer. */
export const FRESH_MS = 2_500;
/** A promotion whose answer was lost has succeeded or failed by then. */
export const IN_FLIGHT_MS = 5_000;

/** The view, if it is one of now. */
export const seen = ({ report, pod }: Member, now: number): MemberView | undefined =>
  pod !== undefined && report?.kind === 'seen' && now - (report.heardAt ?? 0) <= FRESH_MS ? report.view : undefined;

export const isWritable = (member: Member, now: number): boolean => seen(member, now)?.writable === true;

/** Milliseconds since it was last heard of. */
export const silentFor = ({ report }: Member, now: number): number =>
  report === undefined || report.kind === 'unknown' || report.kind === 'seen' ? 0 : now - report.since;

/** Some member that answers says that it hears from `member`: it is alive, whatever the operator can reach. */
export const isHeardByOthers = (member: Member, { members, now }: TopologyInput): boolean =>
  members.some((other) => {
    const view = other === member ? undefined : seen(other, now);
    return view?.streaming === true && view.follows === member.name;
  });

export type Harmless = 'gone' | 'ended' | 'proven' | 'watchdog';

/** How it is known that `member` does not write; undefined: it is not known. */
export function harmless(member: Member, input: TopologyInput): Harmless | undefined {
  const { pod, report } = member;
  if (pod === undefined) return 'gone';
  // A container that has ended is started again as long as its pod is there.
  if (pod.mayBeginAlone === true) return undefined;
  if (pod.ended) return 'ended';
  if (report === undefined || isWritable(member, input.now)) return undefined;
  if (report.harmlessSince !== undefined) return 'proven';
  const isUnreachable = report.kind === 'silent' || report.kind === 'refused';
  const isLong = isUnreachable && input.now - Math.max(report.since, report.unansweredSince ?? 0) >= WATCHDOG_MS;
  const isKilled = report.killedSince !== undefined && input.now - report.killedSince >= KILL_MS;
  return isLong && (isKilled || !mayHaveLed(member, input)) && !hasCompany(member, input) ? 'watchdog' : undefined;
}

/**
 * A frozen server is not cut off: whoever was primary must have been ordered to end, and have had the time to. With that
 * order its label goes, so of a pod that is ending it is not known what it was.
 */
const mayHaveLed = ({ labelled, name, pod }: Member, { primary }: TopologyInput): boolean =>
  labelled || name === primary || pod?.terminating === true;

/**
 * Another member hears it, or may: a watchdog lets a server go on that reaches a peer, and two that the operator can't
 * reach may well reach each other.
 */
const hasCompany = (member: Member, input: TopologyInput): boolean =>
  isHeardByOthers(member, input) ||
  input.members.some((other) => other !== member && other.pod?.ended === false && other.report?.kind === 'silent');

/** An order to be primary may still be under way to it: this process gave one, or the one before did. */
export function mayBecomeWritable({ report, pod }: Member, now: number): boolean {
  if (pod === undefined || pod.ended || report === undefined) return false;
  if (report.kind === 'refused') return false;
  return now - Math.max(report.promotedAt ?? 0, report.watchedSince) < IN_FLIGHT_MS;
}

/** The proofs that a promotion rests on and that a stale cache could have wrong. */
export const proofsOf = (members: readonly Member[], input: TopologyInput): readonly Proof[] =>
  members.flatMap((member): Proof[] => {
    const evidence = harmless(member, input);
    if (evidence !== 'gone' && evidence !== 'ended') return [];
    return [{ member: member.name, evidence, ...(member.pod !== undefined && { uid: member.pod.uid }) }];
  });

export interface Choice {
  readonly best?: Member;
  /** Why the others, or all, are not to be promoted. */
  readonly against: readonly string[];
}

/**
 * The most advanced of the members other than `except` that may be promoted. Equally advanced: the one asked for, then the
 * lowest ordinal, so that the choice is the same every time.
 */
export function choose(input: TopologyInput, except: readonly string[], preferred?: string): Choice {
  const { members, now } = input;
  const pool = members.filter(({ name }) => !except.includes(name));
  const faults = new Map(pool.map((member) => [member, faultOf(member, input)]));
  const fit = pool.filter((member) => faults.get(member) === undefined);
  const others = members.filter((member) => seen(member, now) !== undefined);
  const leaders = fit.filter((member) => {
    const rivals = others.filter(
      (other) => other !== member && !except.includes(other.name) && !isOutcast(other, input),
    );
    return rivals.every((other) => ['equal', 'ahead'].includes(order(member, other, input)));
  });
  const best =
    leaders.find(({ name }) => name === preferred) ??
    leaders.toSorted((a, b) => ordinal(a.name) - ordinal(b.name) || (a.name < b.name ? -1 : 1))[0];
  const against = [...faults].flatMap(([{ name }, fault]) => (fault === undefined ? [] : [`${name} ${fault}`]));
  const parted = fit.length > 0 && best === undefined ? ['their histories have parted or one is missing'] : [];
  return { ...(best !== undefined && { best }), against: [...against, ...parted] };
}

const ordinal = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1));

const order = (a: Member, b: Member, { compare, now }: TopologyInput): ReturnType<TopologyInput['compare']> =>
  compare(seen(a, now)?.position ?? '', seen(b, now)?.position ?? '');

const unfit = 'does not answer';

/** Something in it is not in the history of the recorded primary: it has no say in who is ahead. */
function isOutcast(member: Member, input: TopologyInput): boolean {
  const view = seen(member, input.now);
  if (view?.broken !== undefined) return true;
  const known = input.members.find(({ name }) => name === input.primary);
  const last = known === member ? undefined : known?.report?.view?.position;
  return view !== undefined && last !== undefined && input.compare(view.position, last) === 'diverged';
}

/** Why a member is not to be promoted; undefined: it may be. */
export function faultOf(member: Member, input: TopologyInput): string | undefined {
  const { pod, report, wanted, shown } = member;
  if (!wanted) return 'is about to leave';
  if (pod === undefined || pod.ended) return 'does not run';
  if (pod.terminating) return 'is being stopped';
  const view = seen(member, input.now);
  if (view === undefined) return unfit;
  if (view.broken !== undefined) return `can't go on: ${view.broken}`;
  if (isOutcast(member, input)) return 'has another history than the primary';
  const primary = input.members.find(({ name }) => name === input.primary);
  if (primary === undefined || primary === member) return undefined;
  return lagging(report?.streamed, shown, primary, input);
}

/** Judged by what was known while the primary was there: afterwards everybody stands still. */
function lagging(
  streamed: { readonly at: number; readonly lagSeconds?: number } | undefined,
  shown: Member['shown'],
  primary: Member,
  { lagLimitSeconds, now }: TopologyInput,
): string | undefined {
  const lag = streamed?.lagSeconds ?? (typeof shown === 'number' ? shown : 0);
  if (lag > lagLimitSeconds) return `was more than ${lagLimitSeconds} s behind`;
  if (streamed === undefined) return shown === 'not following' ? 'did not follow the primary' : undefined;
  const last = isWritable(primary, now) ? now : (primary.report?.heardAt ?? streamed.at);
  const wasWritable = primary.report?.view?.writable === true;
  return wasWritable && last - streamed.at > 10_000 ? 'had stopped following the primary' : undefined;
}
