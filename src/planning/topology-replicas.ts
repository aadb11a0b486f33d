/** The members beside a primary that takes writes: who follows whom, and who can't any more. */
import { seen } from './topology-evidence.ts';
import type { Action, Member, TopologyDecision, TopologyInput } from './topology-types.ts';

/** A follower is given so long to begin before it is told once more. */
const SETTLE_MS = 10_000;

/** Between two orders to follow. */
const TOLD_MS = 3_000;

export interface Replicas {
  readonly actions: readonly Action[];
  readonly lame: TopologyDecision['lame'];
  /** Somebody was told to follow, or fell silent, a moment ago: time alone will change what is decided. */
  readonly pending: boolean;
}

export function judgeReplicas(input: TopologyInput, primary: Member): Replicas {
  const others = input.members.filter((member) => member !== primary && member.wanted);
  const follows = others.flatMap((member) => redirect(member, primary, input));
  return {
    actions: [...follows, ...retire(primary, input), ...reseed(others, primary, input)],
    lame: others.flatMap((member) => {
      const why = faultIn(member, primary, input);
      return why === undefined ? [] : [{ member: member.name, why }];
    }),
    pending: goneVoter(primary, input) !== undefined || others.some((member) => isPending(member, primary, input.now)),
  };
}

function isPending(member: Member, primary: Member, now: number): boolean {
  const view = seen(member, now);
  if (view !== undefined) return view.follows !== primary.name && view.broken === undefined;
  const { report, pod } = member;
  return pod?.ended === false && report !== undefined && now - report.since < SETTLE_MS;
}

function redirect(member: Member, primary: Member, { now }: TopologyInput): readonly Action[] {
  const view = seen(member, now);
  if (view === undefined || view.writable || view.broken !== undefined || member.pod?.terminating === true) return [];
  const wasTold = now - (member.report?.orderedAt ?? 0) < TOLD_MS;
  if (view.follows === primary.name || wasTold) return [];
  return [
    { kind: 'follow', member: member.name, primary: primary.name, why: `${member.name} is to follow ${primary.name}` },
  ];
}

/** Counted by those who vote, though its pod is gone for good. */
const goneVoter = (primary: Member, { members, now }: TopologyInput): string | undefined =>
  seen(primary, now)?.voters?.find((pod) => members.every((member) => member.name !== pod));

/** One at a time: a set takes the next change once a majority has taken the last. */
function retire(primary: Member, input: TopologyInput): readonly Action[] {
  const gone = goneVoter(primary, input);
  const wasTold = input.now - (primary.report?.orderedAt ?? 0) < TOLD_MS;
  if (gone === undefined || wasTold) return [];
  const why = `${gone} has left, and its vote must not count any more`;
  return [{ kind: 'retire', member: primary.name, gone, why }];
}

/** What keeps the member from being a copy; undefined: it streams, or nothing is known for the moment. */
function faultIn(member: Member, primary: Member, { now }: TopologyInput): string | undefined {
  const { pod, report } = member;
  if (pod === undefined || pod.ended) return 'it does not run';
  const view = seen(member, now);
  if (view?.broken !== undefined) return view.broken;
  if (view !== undefined && (!view.streaming || view.follows !== primary.name))
    return `it does not receive changes from ${primary.name}`;
  if (view !== undefined || report === undefined || report.kind === 'unknown') return undefined;
  return now - report.since < SETTLE_MS ? undefined : 'it does not answer';
}

/**
 * One at a time, and only while the primary and every other copy are well: what is put aside is the last thing that could
 * be of use if they were lost. A member that has more than the primary is never touched: somebody must look at it.
 */
function reseed(others: readonly Member[], primary: Member, input: TopologyInput): readonly Action[] {
  const { now, compare } = input;
  const broken = others.filter((member) => seen(member, now)?.broken !== undefined && !member.pod?.terminating);
  const [first] = broken;
  const view = first && seen(first, now);
  if (first === undefined || view?.broken === undefined) return [];
  const unwell = others.some((member) => member !== first && !broken.includes(member) && !seen(member, now)?.streaming);
  const isAhead = compare(view.position, seen(primary, now)?.position ?? '') === 'ahead';
  if (unwell || isAhead) return [];
  return [{ kind: 'reseed', member: first.name, why: `${first.name} can’t follow any more: ${view.broken}` }];
}
