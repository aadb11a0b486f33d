/** A client whose reads answer what a test wrote down, call by call; watches stay open until the test ends them. */
import type { KubernetesObject, Resource } from '../../src/api/object.ts';
import type { KubernetesClient, ListPage, WatchEvent, WatchOptions } from '../../src/kubernetes/client.ts';

export interface OpenWatch {
  readonly resource: Resource;
  readonly options: WatchOptions;
  send(...events: readonly WatchEvent[]): void;
  /** Ends the stream, with an error or as if the server had closed it. */
  end(error?: Error): void;
}

export interface ScriptedReads extends Pick<KubernetesClient, 'listPage' | 'watch'> {
  readonly watches: readonly OpenWatch[];
  readonly lists: readonly Parameters<KubernetesClient['listPage']>[1][];
  /** What the next `watch` rejects with before its first event. */
  failWatch(error: Error): void;
  /** What the next `listPage` answers. */
  answerList(answer: ListPage | Error): void;
}

function openWatch(resource: Resource, options: WatchOptions): [OpenWatch, AsyncIterable<WatchEvent>] {
  const queue: (WatchEvent | Error | undefined)[] = [];
  let wake = (): void => undefined;
  const push = (item: WatchEvent | Error | undefined): void => {
    queue.push(item);
    wake();
  };
  options.signal?.addEventListener('abort', () => push(new Error('aborted')), { once: true });
  async function* stream(): AsyncGenerator<WatchEvent, void, undefined> {
    for (;;) {
      while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const item = queue.shift();
      if (item === undefined) return;
      if (item instanceof Error) throw item;
      yield item;
    }
  }
  const handle = { resource, options, send: (...events: readonly WatchEvent[]) => events.forEach(push), end: push };
  return [handle, stream()];
}

export function scriptedReads(): ScriptedReads {
  const watches: OpenWatch[] = [];
  const lists: Parameters<KubernetesClient['listPage']>[1][] = [];
  const failures: Error[] = [];
  const answers: (ListPage | Error)[] = [];
  return {
    watches,
    lists,
    failWatch: (error) => void failures.push(error),
    answerList: (answer) => void answers.push(answer),
    watch(resource, options) {
      const [handle, stream] = openWatch(resource, options);
      watches.push(handle);
      const failure = failures.shift();
      if (failure !== undefined) handle.end(failure);
      return stream;
    },
    listPage(_, options) {
      lists.push(options);
      const answer = answers.shift() ?? { items: [], resourceVersion: '1' };
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
}

/** A ConfigMap of namespace `ns`; its uid follows from the name unless given. */
export function configMap(
  name: string,
  resourceVersion: string,
  rest: { readonly uid?: string; readonly namespace?: string; readonly data?: Record<string, string> } & Record<
    string,
    unknown
  > = {},
): KubernetesObject {
  const { uid = `uid-${name}`, namespace = 'ns', ...fields } = rest;
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, uid, resourceVersion }, ...fields };
}

export const bookmark = (resourceVersion: string, initialEventsEnd = false): WatchEvent => ({
  type: 'BOOKMARK',
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: '',
      resourceVersion,
      ...(initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
    },
  },
});
