/**
 * The real `KubernetesClient`: one attempt for each call. Retries (retry.ts) and the leader's fence (fence.ts) are
 * decorators around it, `withRetries(fence(client))`, so that a retry is fenced too.
 */
import type { KubernetesObject, ObjectRef, Resource } from '../api/object.ts';
import { apiVersion } from '../api/resources.ts';
import type { KubernetesClient, ListOptions, ListPage, WatchEvent, WatchOptions } from './client.ts';
import { ApiError, isNotFound } from './errors.ts';
import type { Exchange, HttpClientOptions } from './exchange.ts';
import { createExchange } from './exchange.ts';
import { collectionPath, objectPath, query } from './paths.ts';
import { createTransport } from './transport.ts';

export const FIELD_MANAGER = 'database-operator';

export interface HttpClient extends KubernetesClient {
  /** Drops idle connections; what still runs is ended by the `signal` of the options. */
  close(): void;
}

const metadataAccept = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1`;
const nameOf = (ref: { readonly resource: Resource; readonly namespace?: string; readonly name: string }): string =>
  `${ref.resource.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;

/** Items of a list carry no kind, and those of a metadata-only one the wrong one: every object gets its own. */
function typed(resource: Resource, object: KubernetesObject): KubernetesObject {
  const wanted = apiVersion(resource);
  if (object.kind === resource.kind && object.apiVersion === wanted) return object;
  return { ...object, apiVersion: wanted, kind: resource.kind };
}

function toPage(resource: Resource, body: unknown, what: string): ListPage {
  const { metadata, items } = (body ?? {}) as {
    metadata?: { resourceVersion?: string; continue?: string };
    items?: KubernetesObject[] | null;
  };
  if (metadata?.resourceVersion === undefined) {
    throw new ApiError(`${what}: the answer is not a list`, { code: 0, reason: 'BadAnswer' });
  }
  return {
    items: (items ?? []).map((item) => typed(resource, item)),
    resourceVersion: metadata.resourceVersion,
    ...(metadata.continue !== undefined && metadata.continue !== '' && { continue: metadata.continue }),
  };
}

function refIn(resource: Resource, object: KubernetesObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { resource, name, ...(namespace !== undefined && { namespace }) };
}

function selectors(options: ListOptions): Record<string, string | undefined> {
  return { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector };
}

async function* watchResource(
  exchange: Exchange,
  resource: Resource,
  options: WatchOptions,
): AsyncGenerator<WatchEvent, void, undefined> {
  const initial = options.sendInitialEvents === true;
  const events = exchange.watch({
    verb: 'watch',
    resource,
    what: `watch ${resource.plural}`,
    method: 'GET',
    path:
      collectionPath(resource, options.namespace) +
      query({
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: options.resourceVersion,
        sendInitialEvents: initial ? true : undefined,
        resourceVersionMatch: initial ? 'NotOlderThan' : undefined,
        timeoutSeconds: options.timeoutSeconds,
        ...selectors(options),
      }),
    ...(options.metadataOnly === true && { accept: metadataAccept('PartialObjectMetadata') }),
    signal: options.signal,
  });
  for await (const event of events) {
    yield event.type === 'ERROR' ? event : { type: event.type, object: typed(resource, event.object) };
  }
}

function reads(exchange: Exchange): Pick<KubernetesClient, 'get' | 'listPage' | 'watch'> {
  return {
    async get(ref, options = {}) {
      const { resource } = ref;
      const request = {
        verb: 'get',
        resource,
        method: 'GET',
        path: objectPath(ref),
        what: `get ${nameOf(ref)}`,
        ...(options.metadataOnly === true && { accept: metadataAccept('PartialObjectMetadata') }),
      } as const;
      try {
        const object = (await exchange.exchange({ ...request, signal: options.signal })) as KubernetesObject;
        return typed(resource, object);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async listPage(resource, options) {
      const { limit, continue: token, resourceVersion, metadataOnly, namespace, signal } = options;
      const what = `list ${resource.plural}`;
      const search = query({ limit, continue: token, resourceVersion, ...selectors(options) });
      const body = await exchange.exchange({
        verb: 'list',
        resource,
        what,
        method: 'GET',
        path: collectionPath(resource, namespace) + search,
        ...(metadataOnly === true && { accept: metadataAccept('PartialObjectMetadataList') }),
        signal,
      });
      return toPage(resource, body, what);
    },
    watch: (resource, options) => watchResource(exchange, resource, options),
  };
}

function writes(
  exchange: Exchange,
  { fieldManager = FIELD_MANAGER, dryRun = false }: Pick<HttpClientOptions, 'fieldManager' | 'dryRun'>,
): Omit<KubernetesClient, 'get' | 'listPage' | 'watch'> {
  const how = { fieldManager, ...(dryRun && { dryRun: 'All', fieldValidation: 'Strict' }) };
  const patch = async (
    verb: 'apply' | 'patch',
    ref: ObjectRef,
    content: { readonly type: string; readonly body: unknown; readonly force?: boolean },
    subresource: string | undefined,
  ): Promise<KubernetesObject> =>
    (await exchange.exchange({
      verb,
      resource: ref.resource,
      what: `${verb} ${nameOf(ref)}`,
      method: 'PATCH',
      path: objectPath(ref, subresource) + query({ ...how, force: content.force }),
      contentType: `application/${content.type}`,
      body: content.body,
    })) as KubernetesObject;

  return {
    async create(resource, object) {
      const { name, generateName, namespace } = object.metadata;
      return (await exchange.exchange({
        verb: 'create',
        resource,
        what: `create ${nameOf({ resource, name: name || (generateName ?? ''), ...(namespace && { namespace }) })}`,
        method: 'POST',
        path: collectionPath(resource, namespace) + query(how),
        body: object,
      })) as KubernetesObject;
    },
    // JSON is YAML: the content type has no JSON form.
    apply: (resource, object, { force, subresource }) =>
      patch('apply', refIn(resource, object), { type: 'apply-patch+yaml', body: object, force }, subresource),
    jsonPatch: (ref, body, { subresource } = {}) => patch('patch', ref, { type: 'json-patch+json', body }, subresource),
    mergePatch: (ref, body, { subresource } = {}) =>
      patch('patch', ref, { type: 'merge-patch+json', body }, subresource),
    async delete(ref, { uid, resourceVersion, propagationPolicy, gracePeriodSeconds } = {}) {
      const preconditions = {
        ...(uid !== undefined && { uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
      };
      await exchange.exchange({
        verb: 'delete',
        resource: ref.resource,
        what: `delete ${nameOf(ref)}`,
        method: 'DELETE',
        path: objectPath(ref) + (dryRun ? query({ dryRun: 'All' }) : ''),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          ...(Object.keys(preconditions).length > 0 && { preconditions }),
          ...(propagationPolicy !== undefined && { propagationPolicy }),
          ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
        },
      });
    },
  };
}

/** Every call is one request; see `KubernetesClient` for what they answer and how they reject. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const transport = createTransport(options.connection, options.clock);
  const exchange = createExchange(options, transport);
  return { ...reads(exchange), ...writes(exchange, options), close: () => transport.close() };
}
