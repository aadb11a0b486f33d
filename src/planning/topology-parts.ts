/** Decisions and actions as they are put together in topology.ts and topology-succeed.ts. */
import { proofsOf } from './topology-evidence.ts';
import type { Action, Member, TopologyDecision, TopologyInput } from './topology-types.ts';

/** While something is under way. */
export const SOON_MS = 250;
/** While nothing can be done until something else happens. */
export const LATER_MS = 2_000;

export const held = { writable: false, lame: [] } as const;

export const promote = (member: string, others: readonly Member[], input: TopologyInput): Action => ({
  kind: 'promote',
  member,
  proofs: proofsOf(others, input),
  why: `${member} is the primary and takes writes from now on`,
});

export const record = ({ term }: TopologyInput, { name }: Member, why: string) =>
  ({
    record: { primary: name, term: term + 1, why },
    actions: [],
    waiting: `${name} takes over: ${why}`,
    requeueMs: SOON_MS,
  }) as const;

export const hold = (waiting: string, requeueMs: number): TopologyDecision => ({
  actions: [],
  waiting,
  requeueMs,
  ...held,
});

export const namesOf = (members: readonly Member[]): string => members.map(({ name }) => name).join(', ');

/** Its end was ordered already, without time for a clean one. */
export const isBeingKilled = ({ pod }: Member): boolean => pod?.terminating === true && (pod.graceSeconds ?? 0) <= 1;

export const stop = ({ name }: Member, why: string): Action => ({ kind: 'fence', member: name, by: 'delete', why });
