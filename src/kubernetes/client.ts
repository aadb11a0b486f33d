/**
 * The one door to the API server. Controllers know only this interface; `http-client.ts` is the real one and the
 * simulator has another, so a crash can be injected after any call.
 */
import type { KubernetesObject, ObjectRef, Resource } from '../api/object.ts';

/** RFC 6902, as `application/json-patch+json`. */
export type JsonPatch = readonly (
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
)[];

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal;
}

export interface ApplyOptions {
  /** Take fields from other managers: only for objects that are ours outright. */
  readonly force: boolean;
  readonly subresource?: 'status';
}

export interface DeleteOptions {
  /** Guards against deleting a namesake that took its place. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** What the processes of a pod are given to stop, instead of what the pod says. */
  readonly gracePeriodSeconds?: number;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubernetesObject;
}

export interface WatchOptions extends ListOptions {
  readonly resourceVersion?: string;
  /** WatchList: the initial state as events, ended by a bookmark annotated `k8s.io/initial-events-end`. */
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
  /** Ask for PartialObjectMetadata only. */
  readonly metadataOnly?: boolean;
}

export interface ListPage {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

/** All calls reject with `ApiError` (errors.ts) on a status other than 2xx; `get` answers undefined on 404. */
export interface KubernetesClient {
  get(
    ref: ObjectRef,
    options?: { signal?: AbortSignal; metadataOnly?: boolean },
  ): Promise<KubernetesObject | undefined>;
  listPage(
    resource: Resource,
    options: ListOptions & { limit?: number; continue?: string; resourceVersion?: string; metadataOnly?: boolean },
  ): Promise<ListPage>;
  create(resource: Resource, object: KubernetesObject): Promise<KubernetesObject>;
  /** Server-side apply under the field manager `database-operator`. */
  apply(resource: Resource, object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject>;
  jsonPatch(ref: ObjectRef, patch: JsonPatch, options?: { subresource?: 'status' }): Promise<KubernetesObject>;
  mergePatch(ref: ObjectRef, patch: unknown, options?: { subresource?: 'status' }): Promise<KubernetesObject>;
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent>;
}
