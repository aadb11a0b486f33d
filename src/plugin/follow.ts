/** Follows one object until it is as wanted, and tells on the way what its status and its Events say. */
import type { KubernetesObject, Resource } from '../api/object.ts';
import { Event } from '../api/resources.ts';
import { getCondition } from '../api/conditions.ts';
import type { Condition } from '../api/object.ts';
import { ApiError } from '../kubernetes/errors.ts';
import { parseGoDuration } from '../values/duration.ts';
import { sleep } from '../values/clock.ts';
import { listAll, type Cluster } from './cluster.ts';
import type { Call } from './command.ts';
import { EVENT_SELECTOR, eventWords, occurrence } from './events.ts';
import { duration } from './style.ts';
import { Misused, Told } from './told.ts';

/** Undefined: not yet. */
export type Outcome = { readonly done: string } | { readonly failed: string } | undefined;

export interface Followed {
  readonly resource: Resource;
  readonly name: string;
  /** Judges the object as it is now; `events` are those since the beginning, in their order. */
  readonly judge: (object: KubernetesObject, events: readonly KubernetesObject[]) => Outcome;
}

const pauseMs = 1000;
/** Without any news for this long, what is waited for is told again. */
const silenceMs = 15_000;

interface AnyStatus {
  readonly phase?: string;
  readonly observedGeneration?: number;
  readonly readyReplicas?: number;
  readonly conditions?: readonly Condition[];
}
export const statusOf = (object: KubernetesObject): AnyStatus => object['status'] ?? {};

/** Events that are there before what is followed begins. */
export type Known = ReadonlySet<string>;

const eventsOf = (cluster: Cluster, { resource, name }: Pick<Followed, 'resource' | 'name'>) =>
  listAll(cluster, Event, { namespace: cluster.namespace, fieldSelector: EVENT_SELECTOR(resource.kind, name) });

/** To be called before the change that is followed; without the right to read Events there are none. */
export const knownEvents = async (cluster: Cluster, of: Pick<Followed, 'resource' | 'name'>): Promise<Known> =>
  new Set((await eventsOf(cluster, of).catch(() => [])).map(occurrence));

/** The exit code; what is told goes to standard error, the outcome to standard output. */
export async function follow(call: Call, cluster: Cluster, followed: Followed, known: Known): Promise<number> {
  const { world, style } = call;
  const begun = world.clock.now();
  const limit = timeoutMs(call);
  const seen = new Set(known);
  const events: KubernetesObject[] = [];
  let [lastWords, toldAt] = ['', begun];
  const tell = (text: string): void => {
    toldAt = world.clock.now();
    world.stderr(`${style('dim', duration(toldAt - begun).padStart(4))}  ${text}\n`);
  };
  for (;;) {
    const { object, news } = await look(cluster, followed, tell);
    for (const event of news.filter((one) => !seen.has(occurrence(one)))) {
      seen.add(occurrence(event));
      events.push(event);
      const { type, reason, note } = eventWords(event);
      tell(`${style(type === 'Warning' ? 'warn' : 'good', reason)}: ${note}`);
    }
    if (object !== undefined) {
      const outcome = followed.judge(object, events);
      if (outcome !== undefined) return finish(call, outcome);
      const words = standing(object);
      if (words !== lastWords || world.clock.now() - toldAt > silenceMs) tell(words);
      lastWords = words;
    }
    if (world.clock.now() - begun > limit) {
      const last = lastWords === '' ? '' : `; last: ${lastWords}`;
      throw new Told(
        `not done within ${duration(limit)}${last}\nIt goes on in the cluster: kubectl database status ${followed.name}`,
      );
    }
    await sleep(world.clock, pauseMs, world.signal);
    if (world.signal.aborted) throw new Told('stopped following; it goes on in the cluster', 130);
  }
}

/** A server that does not answer for a moment is no reason to give up. */
async function look(
  cluster: Cluster,
  followed: Followed,
  tell: (text: string) => void,
): Promise<{ readonly object?: KubernetesObject; readonly news: readonly KubernetesObject[] }> {
  const { resource, name } = followed;
  try {
    const [object, news] = await Promise.all([
      cluster.client.get({ resource, namespace: cluster.namespace, name }),
      eventsOf(cluster, followed).catch(() => []),
    ]);
    if (object === undefined) throw new Told(`${resource.kind} ${name} is gone`);
    return { object, news };
  } catch (error) {
    if (!(error instanceof ApiError) || (error.code !== 0 && error.code < 500) || error.reason === 'Aborted')
      throw error;
    tell(error.message);
    return { news: [] };
  }
}

function standing(object: KubernetesObject): string {
  const { phase = 'not seen yet', readyReplicas, conditions } = statusOf(object);
  const progressing = getCondition(conditions, 'Progressing');
  const ready = getCondition(conditions, 'Ready');
  const why = progressing?.status === 'True' ? progressing.message : ready?.status === 'False' ? ready.message : '';
  return [phase, readyReplicas === undefined ? '' : ` (${readyReplicas} ready)`, why === '' ? '' : `: ${why}`].join('');
}

function finish({ world, style }: Call, outcome: NonNullable<Outcome>): number {
  if ('failed' in outcome) throw new Told(outcome.failed);
  world.stdout(`${style('good', outcome.done)}\n`);
  return 0;
}

export function timeoutMs({ value }: Pick<Call, 'value'>): number {
  const text = value('timeout') ?? '10m';
  const parsed = parseGoDuration(text);
  if (!parsed.ok || parsed.value <= 0n)
    throw new Misused(`--timeout: ${JSON.stringify(text)} is no time such as 90s or 30m`);
  return Number(parsed.value / 1_000_000n);
}

/** A Database that has taken over generation `since`, and rests. */
export function settled(object: KubernetesObject, since: number): Outcome {
  const { conditions, observedGeneration = 0, phase } = statusOf(object);
  const invalid = getCondition(conditions, 'AdmissionValid');
  if (invalid?.status === 'False') return { failed: invalid.message };
  const paused = getCondition(conditions, 'Paused');
  if (paused?.status === 'True') return { failed: `nothing happens: ${paused.message}` };
  if (observedGeneration < since) return undefined;
  const progressing = getCondition(conditions, 'Progressing');
  if (progressing?.status === 'True' && progressing.message.includes('maintenance window')) {
    return { done: `stored; ${progressing.message}` };
  }
  const isReady = getCondition(conditions, 'Ready')?.status === 'True';
  return isReady && progressing?.status === 'False' && phase === 'Running'
    ? { done: `${object.metadata.name} runs, everything is as the spec says` }
    : undefined;
}
