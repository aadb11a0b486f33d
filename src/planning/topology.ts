/**
 * Who is primary, and what is to be done now so that the members are what they should be (docs/adr/0011): a pure function
 * of the recorded decision, the pods, and what the members said of themselves. It is asked again after each action and
 * each piece of news, so it never needs to know how far an earlier pass got. The order of the questions is that of their
 * weight: does somebody write who must not; does the recorded primary write; can it; who else can; do the others follow.
 */
import {
  choose,
  harmless,
  isHeardByOthers,
  isWritable,
  mayBecomeWritable,
  seen,
  silentFor,
} from './topology-evidence.ts';
import { leave } from './topology-leave.ts';
import type { Leave } from './topology-leave.ts';
import { held, hold, isBeingKilled, LATER_MS, namesOf, promote, record, SOON_MS, stop } from './topology-parts.ts';
import { judgeReplicas } from './topology-replicas.ts';
import { SILENCE_MS, succeed, wasWritable } from './topology-succeed.ts';
import type { Action, Member, TopologyDecision, TopologyInput } from './topology-types.ts';

/** How long a primary that came back waits for others to say whether they are ahead of it. */
export const OTHERS_MS = 5_000;
/** A primary that ends within this time after it was promoted is not promoted in place again. */
const AGAIN_MS = 60_000;

export function decideTopology(input: TopologyInput): TopologyDecision {
  const { members, primary: name, now } = input;
  const primary = members.find((member) => member.name === name);
  const decision = decide(input, primary);
  const intruders = members.filter((member) => member.name !== name && isWritable(member, now));
  if (intruders.length === 0 || input.elects) return decision;
  // Whoever writes without being recorded is stopped first; nobody is promoted beside it.
  const fences = intruders.flatMap((member) => fence(member, input));
  const waiting = `${intruders.map((member) => member.name).join(', ')} must stop taking writes`;
  const others = decision.actions.filter(({ kind, ...rest }) => kind === 'fence' && !fences.some(sameMember(rest)));
  const { writable, lame } = decision;
  return { actions: [...fences, ...others], waiting, writable, lame, requeueMs: SOON_MS };
}

const sameMember =
  (one: object) =>
  (other: Action): boolean =>
    'member' in one && 'member' in other && one.member === other.member;

function fence(member: Member, { canDemote }: TopologyInput): readonly Action[] {
  if (!canDemote && isBeingKilled(member)) return [];
  const why = `${member.name} takes writes and is not the primary`;
  return [{ kind: 'fence', member: member.name, by: canDemote ? 'demote' : 'delete', why }];
}

function decide(input: TopologyInput, primary: Member | undefined): TopologyDecision {
  if (input.elects) return followElection(input, primary);
  const view = primary && seen(primary, input.now);
  if (primary === undefined || view === undefined) return succeed(input, primary);
  if (view.writable) return lead(input, primary);
  return primary.pod?.terminating === true || view.broken !== undefined
    ? succeed(input, primary)
    : restart(input, primary);
}

/** The primary takes writes: others follow, and it goes elsewhere when that is asked for. */
function lead(input: TopologyInput, primary: Member): TopologyDecision {
  const replicas = judgeReplicas(input, primary);
  const move = leave(input, primary);
  const base = { writable: true, lame: replicas.lame } as const;
  if (move?.kind === 'go') {
    const action: Action = { kind: 'switchover', from: primary.name, to: move.to, why: move.why };
    // A primary that can't be told to stop writing ends with its pod, which is under way.
    const isEnding = primary.pod?.terminating === true && !input.canDemote;
    return { ...base, actions: isEnding ? [] : [action], waiting: move.why, requeueMs: SOON_MS };
  }
  const { actions, pending } = replicas;
  const isWaiting = move?.kind === 'wait';
  const soonest = actions.length > 0 ? SOON_MS : pending || isWaiting ? LATER_MS : undefined;
  return {
    ...base,
    actions,
    ...(isWaiting && { waiting: move.why }),
    ...(soonest !== undefined && { requeueMs: soonest }),
    ...requestOf(move),
  };
}

function requestOf(move: Leave | undefined): Pick<TopologyDecision, 'request'> {
  if (move?.kind === 'refuse') return { request: { kind: 'refused', why: move.why } };
  return move?.kind === 'done' ? { request: { kind: 'done' } } : {};
}

/** The primary answers and does not write: it was just born, has restarted, or was recorded a moment ago. */
function restart(input: TopologyInput, primary: Member): TopologyDecision {
  const { now, initialized } = input;
  const others = input.members.filter((member) => member !== primary);
  const { best = primary } = choose(input, []);
  if (best !== primary && isAhead(best, primary, input)) {
    const why = `${best.name} is ahead of ${primary.name}`;
    return mayBecomeWritable(primary, now) ? hold(why, SOON_MS) : { ...record(input, best, why), ...held };
  }
  const relief = endsAgain(primary, input) ? choose(input, [primary.name]).best : undefined;
  if (relief !== undefined) return { ...record(input, relief, `${primary.name} does not stay the primary`), ...held };
  const unproven = others.filter((member) => harmless(member, input) === undefined);
  if (unproven.length > 0) {
    // The operator may have been ended between recording another primary and stopping the former one.
    const former = unproven.filter((member) => mayBeFormer(member) && isLost(member, input) && !isBeingKilled(member));
    const actions = former.map((member) => stop(member, `${member.name} was the primary and does not answer`));
    return { ...hold(`it must be known that ${namesOf(unproven)} can’t write`, SOON_MS), actions };
  }
  const mute = others.filter(
    (member) => member.wanted && member.pod?.ended === false && !member.pod.terminating && !seen(member, now),
  );
  const waited = now - (primary.report?.answersSince ?? now);
  if (initialized && mute.length > 0 && waited < OTHERS_MS)
    return hold(`${namesOf(mute)} may be ahead of ${primary.name}`, SOON_MS);
  return {
    actions: [promote(primary.name, others, input)],
    waiting: `${primary.name} is to take writes`,
    requeueMs: SOON_MS,
    ...held,
  };
}

/** Its label goes with the order to stop, which may have left it time for a clean end. */
const mayBeFormer = ({ labelled, pod }: Member): boolean => labelled || pod?.terminating === true;

/**
 * It was told to take writes a short while ago and does not any more, and no other hears from it, though all answer: it
 * is cut off from everybody but the operator, or can't run. Once more would end the same way.
 */
function endsAgain(primary: Member, { members, now }: TopologyInput): boolean {
  const promotedAt = primary.report?.promotedAt;
  if (promotedAt === undefined || now - promotedAt > AGAIN_MS || mayBecomeWritable(primary, now)) return false;
  const others = members.filter((member) => member !== primary && member.wanted);
  return others.every((member) => {
    const view = seen(member, now);
    return view !== undefined && !(view.streaming && view.follows === primary.name);
  });
}

const isLost = (member: Member, input: TopologyInput): boolean =>
  member.report?.kind === 'silent' && silentFor(member, input.now) >= SILENCE_MS && !isHeardByOthers(member, input);

const isAhead = (one: Member, other: Member, { compare, now }: TopologyInput): boolean =>
  compare(seen(one, now)?.position ?? '', seen(other, now)?.position ?? '') === 'ahead';

/** The members chose: that is recorded, and nothing is done about it. */
function followElection(input: TopologyInput, primary: Member | undefined): TopologyDecision {
  const writers = input.members.filter((member) => isWritable(member, input.now));
  const [elected] = writers;
  if (primary !== undefined && writers.includes(primary)) return lead(input, primary);
  if (elected !== undefined && writers.length === 1)
    return { ...record(input, elected, 'the members elected it'), ...held };
  const known = primary && seen(primary, input.now);
  // The first of all members is told to begin: nobody can have been elected before.
  if (primary !== undefined && known !== undefined && !input.initialized) return restart(input, primary);
  return { ...hold('the members have not elected a primary', SOON_MS), writable: wasWritable(primary, input) };
}
