/**
 * What a change will do, step by step. The webhook prints the steps of `plan(settled(old), desired(new))`; the loop
 * executes those of `plan(observed, desired)`: one function, so what was announced is what happens.
 */
import type { KubernetesObject, ObjectRef } from '../api/object.ts';
import type { Proof } from './topology-types.ts';

/** What a step costs the clients of the database, in rising order. */
export const impacts = ['none', 'reload', 'restart', 'switchover', 'downtime', 'data-loss'] as const;
export type Impact = (typeof impacts)[number];

interface StepBase {
  readonly impact: Impact;
  /** For people: "storage grows from 10Gi to 20Gi". */
  readonly why: string;
}

export interface CreateStep extends StepBase {
  readonly action: 'create';
  readonly ref: ObjectRef;
  readonly object: KubernetesObject;
}
export interface ApplyStep extends StepBase {
  readonly action: 'apply';
  readonly ref: ObjectRef;
  readonly object: KubernetesObject;
}
export interface DeleteStep extends StepBase {
  readonly action: 'delete';
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}
export interface RestartPodStep extends StepBase {
  readonly action: 'restartPod';
  readonly ref: ObjectRef;
  readonly uid: string;
}
export interface PatchStep extends StepBase {
  readonly action: 'patch';
  readonly ref: ObjectRef;
  readonly patch: readonly Readonly<Record<string, unknown>>[];
}

/** Another member becomes primary; `to` is chosen when it is done. `ref` is the pod of the present primary. */
export interface SwitchoverStep extends StepBase {
  readonly action: 'switchover';
  readonly ref: ObjectRef;
  readonly to?: string;
}
/** The recorded primary is made writable; what a cache said of the others is asked once more before. */
export interface PromoteStep extends StepBase {
  readonly action: 'promote';
  readonly ref: ObjectRef;
  readonly proofs: readonly Proof[];
}
export interface FollowStep extends StepBase {
  readonly action: 'follow';
  readonly ref: ObjectRef;
  readonly primary: string;
}
/** It stops receiving from the primary that is being stopped. */
export interface DetachStep extends StepBase {
  readonly action: 'detach';
  readonly ref: ObjectRef;
}
/** The primary forgets a member that is gone for good. */
export interface RetireStep extends StepBase {
  readonly action: 'retire';
  readonly ref: ObjectRef;
  readonly gone: string;
}
/** Takes the ability to write from a member: over its protocol, or by ending its pod without time for a clean stop. */
export interface FenceStep extends StepBase {
  readonly action: 'fence';
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly by: 'demote' | 'delete';
}

/** Steps that steer members and not objects. */
export type MemberStep = SwitchoverStep | PromoteStep | FollowStep | DetachStep | RetireStep | FenceStep;

export type Step = CreateStep | ApplyStep | DeleteStep | RestartPodStep | PatchStep | MemberStep;
