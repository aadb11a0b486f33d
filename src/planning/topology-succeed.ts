/** What is done when the recorded primary does not answer or is on its way out: who takes over, and when. */
import { choose, harmless, isHeardByOthers, mayBecomeWritable, seen, silentFor } from './topology-evidence.ts';
import { held, hold, isBeingKilled, LATER_MS, namesOf, promote, record, SOON_MS, stop } from './topology-parts.ts';
import type { Action, Member, TopologyDecision, TopologyInput } from './topology-types.ts';

/** How long a primary whose server ended is given to come back by itself: it has lost nothing, others may have. */
export const RETURN_MS = 3_000;
/** The same, when nobody is known to have followed it. */
export const UNKNOWN_MS = 30_000;
/** Silence after which a primary that nobody hears is given up. */
export const SILENCE_MS = 2_500;
export function succeed(input: TopologyInput, primary: Member | undefined): TopologyDecision {
  const { primary: name } = input;
  const writable = wasWritable(primary, input);
  if (isUnasked(primary)) return { ...hold(`${name} has not been asked yet`, SOON_MS), writable };
  // Nobody else can have data yet.
  if (!input.initialized) return { ...hold(`${name} has not started yet`, LATER_MS), writable };
  const { best, against } = choose(input, [name], input.request);
  if (best === undefined) {
    const reasons = against.length === 0 ? 'there is no other member' : against.join('; ');
    return { ...hold(`${name} does not answer, and nobody can take over: ${reasons}`, LATER_MS), writable };
  }
  const why = `${name} ${stateOf(primary, input)}`;
  const missing = missingInSync(input);
  if (missing.length > 0) {
    const what = `${why}; in sync mode ${namesOf(missing)} may have writes that ${best.name} lacks`;
    return { ...hold(what, SOON_MS), writable };
  }
  if (mayReturn(primary, best, input)) return { ...hold(`${why}; it is given time to come back`, SOON_MS), writable };
  return primary !== undefined && harmless(primary, input) === undefined
    ? giveUp(input, primary, best, why)
    : handOver(input, primary, best, why);
}

const isUnasked = (member: Member | undefined): boolean =>
  member?.report?.kind === 'unknown' || (member?.pod?.ended === false && member.report === undefined);

/** Any of them may be the one that confirmed the last write. */
const missingInSync = ({ mode, members, primary, now }: TopologyInput): readonly Member[] =>
  mode === 'async' ? [] : members.filter((member) => member.wanted && member.name !== primary && !seen(member, now));

/** It can't write any more. */
function handOver(input: TopologyInput, primary: Member | undefined, best: Member, why: string): TopologyDecision {
  const { now, members, primary: name } = input;
  if (primary !== undefined && seen(primary, now) && mayBecomeWritable(primary, now))
    return hold(`${name} may have been told to take writes`, SOON_MS);
  const others = members.filter((member) => member !== best);
  const isSafe = others.every((member) => harmless(member, input) !== undefined);
  return { ...record(input, best, why), ...held, actions: isSafe ? [promote(best.name, others, input)] : [] };
}

/** It may still write: it is stopped, and only when that is proven somebody else is told to begin. */
function giveUp(input: TopologyInput, primary: Member, best: Member, why: string): TopologyDecision {
  const writable = wasWritable(primary, input);
  if (isHeardByOthers(primary, input)) {
    const what = `${primary.name} does not answer the operator, but replicates to others`;
    return { ...hold(what, LATER_MS), writable };
  }
  const isRefusing = primary.report?.kind === 'refused';
  if (isRefusing || silentFor(primary, input.now) < SILENCE_MS) return { ...hold(why, SOON_MS), writable };
  if (isBeingKilled(primary)) return { ...record(input, best, why), ...held };
  const ready: readonly Action[] = input.canDetach
    ? [{ kind: 'detach', member: best.name, why: `${best.name} takes over` }]
    : [];
  return { ...record(input, best, why), ...held, actions: [stop(primary, `${why}: it is stopped`), ...ready] };
}

/**
 * Whether the primary is waited for. A successor that was never seen to follow it may lack anything: all servers have
 * started at once, or the operator has. One that followed lacks next to nothing, and only a server that has just ended
 * in a pod that stays is given a moment.
 */
function mayReturn(primary: Member | undefined, best: Member, { now, initialized }: TopologyInput): boolean {
  const followed = best.report?.streamed !== undefined || typeof best.shown === 'number';
  if (!followed && initialized) return now - (best.report?.watchedSince ?? now) < UNKNOWN_MS;
  const { pod } = primary ?? {};
  if (primary === undefined || pod === undefined || pod.terminating || pod.cutOff === true) return false;
  return now - lastHeard(primary) < RETURN_MS;
}

/** Of one whose server has ended; of all others long ago. */
function lastHeard({ pod, report }: Member): number {
  if (report === undefined || report.kind === 'seen') return 0;
  const hasEnded = report.kind === 'refused' || report.harmlessSince !== undefined || pod?.ended === true;
  return hasEnded ? Math.max(report.heardAt ?? 0, report.watchedSince) : 0;
}

/** One question without an answer proves nothing: what was so a moment ago is taken to be so. */
export function wasWritable(primary: Member | undefined, input: TopologyInput): boolean | undefined {
  if (primary === undefined || harmless(primary, input) !== undefined) return false;
  return silentFor(primary, input.now) < SILENCE_MS || isHeardByOthers(primary, input) ? undefined : false;
}

function stateOf(primary: Member | undefined, input: TopologyInput): string {
  const proof = primary === undefined ? 'gone' : harmless(primary, input);
  if (proof === 'gone') return 'is gone';
  if (primary?.pod?.terminating === true) return 'is being stopped';
  if (proof === 'ended' || primary?.report?.kind === 'refused') return 'has ended';
  return primary?.report?.view?.broken ?? 'does not answer';
}
