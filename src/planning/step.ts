/**
 * What a change will do, step by step. The webhook prints the steps of `plan(settled(old), desired(new))`; the loop
 * executes those of `plan(observed, desired)`: one function, so what was announced is what happens.
 */
import type { KubernetesObject, ObjectRef } from '../api/object.ts';

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

export type Step = CreateStep | ApplyStep | DeleteStep | RestartPodStep | PatchStep;
