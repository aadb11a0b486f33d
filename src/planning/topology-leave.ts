/** Whether the primary goes elsewhere although it is well: asked for by a person, by the plan, or by the end of its pod. */
import { choose, faultOf, seen } from './topology-evidence.ts';
import { namesOf } from './topology-parts.ts';
import type { Member, TopologyInput } from './topology-types.ts';

/** A member that is further behind is not waited for: writes would stand still meanwhile. */
export const SWITCH_LAG_SECONDS = 10;

export type Leave =
  | { readonly kind: 'go'; readonly to: string; readonly why: string }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'refuse'; readonly why: string }
  | { readonly kind: 'done' };

/** Undefined: it stays. */
export function leave(input: TopologyInput, primary: Member): Leave | undefined {
  const going = leaveIfOthersStay(input, primary);
  // One that is demoted and crashes must not begin alone; one that is stopped comes back as another pod.
  const isTooEarly = input.canDemote && primary.pod?.mayBeginAlone === true && !primary.pod.terminating;
  return going?.kind === 'go' && isTooEarly
    ? {
        kind: 'wait',
        why: `${going.why} once ${primary.name} knows of its peers, two and a half minutes after they came`,
      }
    : going;
}

/**
 * What can only be handed over by a stop is not, on anybody's wish, while one more member is away: two would be. In sync
 * mode nobody could be promoted either, and the same would begin anew each time the primary is back.
 */
function leaveIfOthersStay(input: TopologyInput, primary: Member): Leave | undefined {
  const going = leaveIfFit(input, primary);
  if (going?.kind !== 'go' || input.canDemote || primary.pod?.terminating === true) return going;
  const away = input.members.filter(
    (member) => member !== primary && member.name !== going.to && member.wanted && isAway(member, input.now),
  );
  if (away.length === 0) return going;
  const why = `${primary.name} has to stop for that, and ${namesOf(away)} can’t be away at the same time`;
  return input.request === undefined ? { kind: 'wait', why: `${going.why}; ${why}` } : { kind: 'refuse', why };
}

const isAway = (member: Member, now: number): boolean =>
  member.pod === undefined || member.pod.ended || member.pod.terminating || seen(member, now) === undefined;

function leaveIfFit(input: TopologyInput, primary: Member): Leave | undefined {
  if (input.request !== undefined) return onRequest(input, primary, input.request);
  const why =
    primary.pod?.terminating === true
      ? `${primary.name} is being stopped`
      : primary.wanted
        ? input.leave
        : `${primary.name} is beyond spec.replicas`;
  if (why === undefined) return undefined;
  const { best, against } = choose(followers(input, primary), [primary.name]);
  if (best === undefined) return { kind: 'wait', why: `${why}, and nobody can take over: ${reasons(against)}` };
  return { kind: 'go', to: best.name, why: `${why}: ${best.name} takes over` };
}

const reasons = (against: readonly string[]): string =>
  against.length === 0 ? 'there is no other member' : against.join('; ');

/** Only who streams now can have everything in a moment. */
const followers = (input: TopologyInput, primary: Member): TopologyInput => ({
  ...input,
  members: input.members.filter((member) => member === primary || lagFault(member, primary, input.now) === undefined),
});

function lagFault(member: Member, primary: Member, now: number): string | undefined {
  const view = seen(member, now);
  if (view === undefined) return 'does not answer';
  if (!view.streaming || view.follows !== primary.name) return 'does not follow the primary';
  return (view.lagSeconds ?? 0) > SWITCH_LAG_SECONDS ? `is more than ${SWITCH_LAG_SECONDS} s behind` : undefined;
}

function onRequest(input: TopologyInput, primary: Member, request: string): Leave {
  if (request === primary.name) return { kind: 'done' };
  if (request === 'any') {
    const { best, against } = choose(followers(input, primary), [primary.name]);
    if (best !== undefined)
      return { kind: 'go', to: best.name, why: `a switchover was asked for: ${best.name} takes over` };
    const lags = input.members.flatMap((member) => {
      const fault = member === primary ? undefined : lagFault(member, primary, input.now);
      return fault === undefined ? [] : [`${member.name} ${fault}`];
    });
    return { kind: 'refuse', why: `nobody can take over: ${reasons([...against, ...lags])}` };
  }
  const member = input.members.find(({ name }) => name === request);
  if (member === undefined) return { kind: 'refuse', why: `there is no member ${request}` };
  const fault = faultOf(member, input) ?? lagFault(member, primary, input.now);
  return fault === undefined
    ? { kind: 'go', to: request, why: `a switchover to ${request} was asked for` }
    : { kind: 'refuse', why: `${request} ${fault}` };
}
