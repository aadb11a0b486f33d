/**
 * Creates and updates at a steady rate, straight at the API server, so that every one goes through the webhooks. Each
 * request is made once: whatever goes wrong is counted, not repaired.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesObject } from '../../../src/api/object.ts';
import { Database, DatabaseUser } from '../../../src/api/resources.ts';
import { loadConnection } from '../../../src/kubernetes/config.ts';
import { createHttpClient } from '../../../src/kubernetes/http-client.ts';
import { realClock } from '../../support/real-clock.ts';

export interface LoadReport {
  readonly creates: number;
  readonly updates: number;
  /** Requests begun, of both sorts. */
  readonly perSecond: number;
  /** Milliseconds of the slowest request. */
  readonly slowest: number;
  readonly failures: readonly string[];
}

export interface Load {
  /** Resolves when every request that was begun has been answered. */
  stop(): Promise<LoadReport>;
}

const wanted = 50;
/** Requests at a time: more than ever wait where everything works. */
const mostOpen = 100;
/** Objects that are there at a time. */
const kept = 40;

const metadata = (namespace: string, name: string): KubernetesObject['metadata'] => ({
  namespace,
  name,
  labels: { load: 'yes' },
});

/**
 * As many as keep two updates of one from meeting, also while the webhooks are slow for a moment: the API server repeats an
 * update that meets another, webhooks and all, five times, so that a short delay would feed itself.
 */
const databases = 100;

/** Users are created and deleted; paused Databases are updated. */
export async function startLoad(kubeconfig: string, namespace: string): Promise<Load> {
  const connection = await loadConnection({ clock: realClock, kubeconfig, env: {} });
  if (connection === undefined) throw new Error(`no cluster in ${kubeconfig}`);
  const client = createHttpClient({ connection, clock: realClock, userAgent: 'load' });
  const counts = { creates: 0, updates: 0, slowest: 0 };
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  const there: string[] = [];
  for (let number = 0; number < databases; number++) {
    await client.create(Database, {
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: metadata(namespace, `load-${number}`),
      spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' }, paused: true },
    });
  }
  const create = async (number: number): Promise<void> => {
    counts.creates++;
    await client.create(DatabaseUser, {
      apiVersion: 'example.com/v1',
      kind: 'DatabaseUser',
      metadata: metadata(namespace, `load-${number}`),
      spec: { databaseRef: { name: `load-${number % databases}` }, username: `load_${number}` },
    });
    // By the order of their answers: a create that waits must not be overtaken by its own delete.
    there.push(`load-${number}`);
    const oldest = there.length > kept ? there.shift() : undefined;
    if (oldest !== undefined) await client.delete({ resource: DatabaseUser, namespace, name: oldest });
  };
  const update = async (number: number): Promise<void> => {
    counts.updates++;
    const ref = { resource: Database, namespace, name: `load-${number % databases}` };
    await client.mergePatch(ref, { spec: { config: { maxConnections: 50 + (number % 100) } } });
  };
  const timed = async (what: string, request: () => Promise<void>): Promise<void> => {
    const begin = performance.now();
    try {
      await request();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failures.push(`${new Date().toISOString()} ${what}: ${message.slice(0, 300)}`);
    }
    counts.slowest = Math.max(counts.slowest, Math.round(performance.now() - begin));
  };
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    let due = performance.now();
    for (let number = 0; !stopping.signal.aborted; number++) {
      const half = Math.floor(number / 2);
      const request = number % 2 === 0 ? timed('create', () => create(half)) : timed('update', () => update(half));
      open.add(request);
      void request.finally(() => open.delete(request));
      // What a busy machine has missed is not made up for: a burst would be another load than the one that is asked for.
      const now = performance.now();
      due = Math.max(due + 1000 / wanted, now);
      await delay(due - now);
      if (open.size >= mostOpen) await Promise.race(open);
    }
  };
  const began = performance.now();
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      const seconds = (performance.now() - began) / 1000;
      await running;
      await Promise.all(open);
      client.close();
      return { ...counts, perSecond: (counts.creates + counts.updates) / seconds, failures };
    },
  };
}
