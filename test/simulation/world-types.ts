/** What the world of the simulation is asked and what it remembers. */
import type { KubernetesObject, Resource } from '../../src/api/object.ts';
import { ApiError } from '../../src/kubernetes/errors.ts';
import type { Clock } from '../../src/values/clock.ts';
import type { Managers } from './ownership.ts';

export interface LogEntry {
  readonly version: number;
  readonly resource: Resource;
  readonly before: KubernetesObject | undefined;
  readonly after: KubernetesObject | undefined;
  /** The object as it was deleted, with its last resource version. */
  readonly last: KubernetesObject;
}

export interface Write {
  readonly at: number;
  readonly by: string;
  readonly verb: 'create' | 'apply' | 'update' | 'status' | 'delete';
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
  /** False: the server took it and nothing was different. */
  readonly changed: boolean;
}

export interface Target {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface Removal {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: string | undefined;
  /** Of pods: seconds until they are killed. */
  readonly gracePeriodSeconds?: number | undefined;
}

export interface World {
  readonly clock: Clock;
  readonly version: number;
  readonly log: readonly LogEntry[];
  readonly writes: readonly Write[];
  find(target: Target): KubernetesObject | undefined;
  list(resource: Resource, namespace?: string): KubernetesObject[];
  byUid(uid: string): KubernetesObject | undefined;
  everything(): { resource: Resource; object: KubernetesObject }[];
  create(resource: Resource, object: KubernetesObject, by: string): KubernetesObject;
  apply(resource: Resource, intent: KubernetesObject, by: string, force: boolean): KubernetesObject;
  update(target: Target, by: string, change: (object: KubernetesObject) => KubernetesObject): KubernetesObject;
  updateStatus(target: Target, by: string, change: (object: KubernetesObject) => KubernetesObject): KubernetesObject;
  remove(target: Target, by: string, options?: Removal): void;
  /** Ends a pod for good: its containers have stopped. */
  purge(target: Target): void;
  /** The returned function ends it. */
  onChange(listener: (entry: LogEntry) => void): () => void;
  managersOf(uid: string): Managers;
}

export const notFound = ({ resource, name }: Target): ApiError =>
  new ApiError(`${resource.plural} "${name}" not found`, { code: 404, reason: 'NotFound' });
export const conflict = ({ resource, name }: Target, why: string): ApiError =>
  new ApiError(`operation on ${resource.plural} "${name}" failed: ${why}`, { code: 409, reason: 'Conflict' });
