/** What the decision about who is primary is made of (topology.ts), and what comes out of it. Times: milliseconds since the epoch. */
import type { MemberView, PositionOrder } from '../engines/engine.ts';

/** What the API server says of a member's pod. */
export interface PodFacts {
  readonly uid: string;
  /** It is on its way out. */
  readonly terminating: boolean;
  /** Seconds that it is given to stop; undefined while it is not terminating. */
  readonly graceSeconds?: number;
  /** No process of it runs: not started yet, or its server's container has ended. */
  readonly ended: boolean;
  /** Its server was stopped because it reached nobody, and stays down while that is so. */
  readonly cutOff?: boolean;
  /** The list of members that it has mounted may still be of the time when it was alone: started again, it takes writes. */
  readonly mayBeginAlone?: boolean;
}

/** What the operator has heard of a member itself, over the engine's own protocol. */
export interface Report {
  /**
   * `seen`: it answered the last question. `refused`: nothing listens there. `silent`: no answer, or an error.
   * `unknown`: not asked yet, or something was done to it since.
   */
  readonly kind: 'seen' | 'refused' | 'silent' | 'unknown';
  /** When this began; for `silent` when it was last heard of, or first asked. */
  readonly since: number;
  /** Since when it has answered no question: when the first of these was sent. An operator that was starved itself had sent none. */
  readonly unansweredSince?: number | undefined;
  /** Since when it has answered every question; orders to it don't count. */
  readonly answersSince?: number | undefined;
  /** When the operator began to ask this pod. */
  readonly watchedSince: number;
  /** The last answer, also when it no longer answers. */
  readonly view?: MemberView;
  /** When the question of `view` was sent. */
  readonly heardAt?: number;
  /** Proven unable to write since then, and not told to be primary after it. */
  readonly harmlessSince?: number;
  /** When it was last told to be primary by this process, whatever came of it. */
  readonly promotedAt?: number;
  /** When its pod was first seen to be killed: ordered to end without time for a clean end. */
  readonly killedSince?: number;
  /** When it was last told anything. */
  readonly orderedAt?: number;
  /** When it was last seen to stream from the recorded primary, and how far it was behind then. */
  readonly streamed?: { readonly at: number; readonly lagSeconds?: number };
}

export interface Member {
  readonly name: string;
  /** False: it is beyond `spec.replicas` and about to leave. */
  readonly wanted: boolean;
  /** Undefined: there is no pod of this name. */
  readonly pod: PodFacts | undefined;
  /** Undefined: nothing is known yet. */
  readonly report: Report | undefined;
  /** Its pod carries the label of the primary. */
  readonly labelled: boolean;
  /** The status of the Database said that it did not follow, or its lag in seconds, when the primary was last there. */
  readonly shown: number | 'not following' | undefined;
}

export interface TopologyInput {
  readonly now: number;
  /** Name of the pod that is the recorded primary. */
  readonly primary: string;
  readonly term: number;
  readonly mode: 'async' | 'sync';
  /** The database has served before, or found volumes of one that had. */
  readonly initialized: boolean;
  readonly members: readonly Member[];
  readonly compare: (a: string, b: string) => PositionOrder;
  /** The members elect by themselves: the operator records whom they chose. */
  readonly elects: boolean;
  readonly canDemote: boolean;
  readonly canDetach: boolean;
  /** Somebody asks for another primary: a pod's name or `any`. */
  readonly request?: string;
  /** Why the plan wants the primary elsewhere: it is to restart, or beyond the wanted members. */
  readonly leave?: string;
  /** Beyond so many seconds behind, a member is never promoted. */
  readonly lagLimitSeconds: number;
}

export type Action =
  /** Makes the recorded primary writable; `proofs` are looked at again just before. */
  | { readonly kind: 'promote'; readonly member: string; readonly proofs: readonly Proof[]; readonly why: string }
  | { readonly kind: 'follow'; readonly member: string; readonly primary: string; readonly why: string }
  /** Stops receiving from a primary that is being stopped, so that its own promotion need not wait for that. */
  | { readonly kind: 'detach'; readonly member: string; readonly why: string }
  /** The primary forgets a member that is gone for good: its vote would count against every election. */
  | { readonly kind: 'retire'; readonly member: string; readonly gone: string; readonly why: string }
  /** Takes the ability to write from a member that is not, or no longer, to be primary. */
  | { readonly kind: 'fence'; readonly member: string; readonly by: 'demote' | 'delete'; readonly why: string }
  /** Demotes, waits until `to` has everything, records, promotes. Without `demote`: ends the old primary's pod cleanly. */
  | { readonly kind: 'switchover'; readonly from: string; readonly to: string; readonly why: string }
  /** Its data is put aside and cloned anew. */
  | { readonly kind: 'reseed'; readonly member: string; readonly why: string };

/** Why a member can't write, as far as it rests on what a cache says of its pod. */
export interface Proof {
  readonly member: string;
  readonly evidence: 'gone' | 'ended';
  readonly uid?: string;
}

export interface TopologyDecision {
  /** To be recorded before any action. */
  readonly record?: { readonly primary: string; readonly term: number; readonly why: string };
  readonly actions: readonly Action[];
  /** What is waited for, in words without numbers that change by themselves; undefined: all is as it should be. */
  readonly waiting?: string;
  /** The recorded primary takes writes; undefined: not known at this moment, as it was before. */
  readonly writable: boolean | undefined;
  /** Members that are wanted and do not follow, with the reason. */
  readonly lame: readonly { readonly member: string; readonly why: string }[];
  /** What became of a request for a switchover; absent: there is none, or it is still to be done. */
  readonly request?: { readonly kind: 'refused'; readonly why: string } | { readonly kind: 'done' };
  /** Milliseconds after which to look again; undefined: an event will tell. */
  readonly requeueMs?: number;
}
