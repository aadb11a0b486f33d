/** The client that the operator gets: the world behind a network with seeded delays, and watches with bookmarks and 410. */
import type { KubernetesObject, ObjectRef, Resource } from '../../src/api/object.ts';
import type { KubernetesClient, ListPage, WatchEvent, WatchOptions } from '../../src/kubernetes/client.ts';
import { ApiError } from '../../src/kubernetes/errors.ts';
import type { Clock } from '../../src/values/clock.ts';
import type { Network, Verb } from './network.ts';
import { mergePatched, patched } from './patches.ts';
import { bookmark, matches, openStream } from './stream.ts';
import { notFound } from './world-types.ts';
import type { World } from './world-types.ts';

export function makeApiClient(world: World, clock: Clock, network: Network, by: string): KubernetesClient {
  const wait = (): Promise<void> => new Promise((resolve) => clock.after(network.delay(), resolve));
  const call = async <T>(verb: Verb, resource: Resource, work: () => T): Promise<T> => {
    await wait();
    network.before(verb, resource);
    if (network.isAbsent(resource)) {
      throw new ApiError('the server could not find the requested resource', { code: 404, reason: 'NotFound' });
    }
    const result = work();
    network.after(verb, resource);
    await wait();
    return result;
  };
  const inScope = (object: KubernetesObject, namespace: string | undefined): boolean =>
    namespace === undefined || object.metadata.namespace === namespace;

  /** The state as it was at `version`, from the log. */
  const stateAt = (resource: Resource, version: number): KubernetesObject[] => {
    const state = new Map(
      world.list(resource).map((object) => [`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object]),
    );
    for (let index = world.log.length - 1; index >= 0; index--) {
      const entry = world.log[index];
      if (entry === undefined || entry.version <= version) break;
      if (entry.resource.kind !== resource.kind) continue;
      const key = `${entry.last.metadata.namespace ?? ''}/${entry.last.metadata.name}`;
      if (entry.before === undefined) state.delete(key);
      else state.set(key, entry.before);
    }
    return [...state.values()];
  };
  const list = (resource: Resource, options: WatchOptions): ListPage => {
    const version = Math.max(1000, world.version - network.staleness());
    const items = stateAt(resource, version).filter(
      (object) => inScope(object, options.namespace) && matches(options.labelSelector, object),
    );
    return { items, resourceVersion: String(version) };
  };

  async function* watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent> {
    await wait();
    network.before('watch', resource);
    if (network.isAbsent(resource)) throw notFound({ resource, name: '' });
    const stream = openStream(world, clock, network, resource, options);
    if (options.sendInitialEvents === true) {
      const page = list(resource, options);
      for (const object of page.items) yield { type: 'ADDED', object };
      yield bookmark(resource, page.resourceVersion, true);
      stream.start(Number(page.resourceVersion));
    } else stream.start(Number(options.resourceVersion ?? world.version));
    try {
      for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
        yield event;
        if (event.type === 'ERROR') return;
      }
    } finally {
      stream.close();
    }
  }

  return {
    get: async (ref) => {
      try {
        return await call('get', ref.resource, () => world.find(ref));
      } catch (error) {
        if (error instanceof ApiError && error.code === 404) return undefined;
        throw error;
      }
    },
    listPage: (resource, options) => call('list', resource, () => list(resource, options)),
    create: (resource, object) => call('create', resource, () => world.create(resource, object, by)),
    apply: (resource, object, { force }) => call('apply', resource, () => world.apply(resource, object, by, force)),
    jsonPatch: (ref, patch, options) =>
      call('patch', ref.resource, () =>
        edit(world, ref, by, options?.subresource, (object) => patched(object, patch, ref)),
      ),
    mergePatch: (ref, patch, options) =>
      call('patch', ref.resource, () =>
        edit(world, ref, by, options?.subresource, (object) => mergePatched(object, patch) as KubernetesObject),
      ),
    delete: (ref, options) => call('delete', ref.resource, () => world.remove(ref, by, options)),
    watch,
  };
}

function edit(
  world: World,
  ref: ObjectRef,
  by: string,
  subresource: string | undefined,
  change: (object: KubernetesObject) => KubernetesObject,
): KubernetesObject {
  return subresource === 'status' ? world.updateStatus(ref, by, change) : world.update(ref, by, change);
}
