/**
 * events.k8s.io/v1 with client-go's rules: the first occurrence is an object, repeats within six minutes become a count on
 * it, and a single object may not fill etcd (25 at once, then one in five minutes). Recording never fails and never waits:
 * an Event is a courtesy, and a reconcile must not depend on it.
 */
import type { KubernetesObject } from '../api/object.ts';
import { Event, apiVersion } from '../api/resources.ts';
import type { Clock, Random } from '../values/clock.ts';
import { sleep } from '../values/clock.ts';
import type { KubernetesClient } from './client.ts';
import { ApiError, isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import { createLimiter, createOutbox } from './event-limits.ts';
import { microTime } from './microtime.ts';

export interface EventInput {
  readonly regarding: KubernetesObject;
  readonly related?: KubernetesObject;
  readonly type: 'Normal' | 'Warning';
  /** UpperCamelCase and stable; at most 128 characters. */
  readonly reason: string;
  /** What was being done, UpperCamelCase, e.g. `Reconcile`; at most 128 characters. */
  readonly action: string;
  /** For people; cut at 1024 characters. Never a secret. */
  readonly note: string;
}

export interface EventRecorder {
  record(event: EventInput): void;
  /** Resolves when everything recorded so far has been sent or given up. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  /** Fenced: only the leader speaks. */
  readonly client: Pick<KubernetesClient, 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly random: Random;
  /** `example.com/database-operator`. */
  readonly reportingController: string;
  /** The pod's name. */
  readonly reportingInstance: string;
  /** `lost`: what nobody will read as an Event; absent when only its count was not written. */
  readonly onError?: (error: unknown, lost?: EventInput) => void;
}

const FINISH_MILLISECONDS = 360_000;
const REFRESH_MILLISECONDS = 1_800_000;
const CREATE_TRIES = 3;
const CREATE_PAUSE_MILLISECONDS = 1000;
const MAX_NOTE = 1024;
const MAX_REASON = 128;

interface Series {
  readonly name: string;
  readonly namespace: string;
  count: number;
  lastObserved: number;
  /** When the count was last written; undefined while there is none on the object. */
  writtenAt: number | undefined;
  writtenCount: number;
}

function referenceTo(object: KubernetesObject): Record<string, string> {
  const { name, namespace, uid } = object.metadata;
  const reference: Record<string, string> = { apiVersion: object.apiVersion, kind: object.kind, name };
  if (namespace !== undefined) reference['namespace'] = namespace;
  if (uid !== undefined) reference['uid'] = uid;
  return reference;
}

/** The API server counts bytes; a character is never cut in two. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= MAX_NOTE) return note;
  return `${bytes
    .subarray(0, MAX_NOTE - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}…`;
}

function eventObject(event: EventInput, options: EventRecorderOptions, now: number): KubernetesObject {
  const { name, namespace = 'default' } = event.regarding.metadata;
  const unique = Math.floor(options.random() * 0x1_0000_0000);
  return {
    apiVersion: apiVersion(Event),
    kind: Event.kind,
    metadata: { name: `${name.slice(0, 200)}.${now.toString(16)}${unique.toString(16).padStart(8, '0')}`, namespace },
    eventTime: microTime(now),
    type: event.type,
    reason: event.reason.slice(0, MAX_REASON),
    action: event.action.slice(0, MAX_REASON),
    note: cut(event.note),
    regarding: referenceTo(event.regarding),
    ...(event.related !== undefined && { related: referenceTo(event.related) }),
    reportingController: options.reportingController,
    reportingInstance: options.reportingInstance.slice(0, MAX_REASON),
  };
}

function keyOf({ type, action, reason, regarding, related }: EventInput): string {
  return JSON.stringify([
    type,
    action,
    reason,
    referenceTo(regarding),
    related === undefined ? null : referenceTo(related),
  ]);
}

/** The name is unique, so that a second try can't make a second Event: what exists already is the first one. */
async function createEvent(object: KubernetesObject, { client, clock }: EventRecorderOptions): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.create(Event, object);
      return;
    } catch (error) {
      if (attempt > 1 && isAlreadyExists(error)) return;
      if (attempt >= CREATE_TRIES || !mayPass(error)) throw error;
      await sleep(clock, attempt * CREATE_PAUSE_MILLISECONDS);
    }
  }
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const { code, reason } = error;
  return (code === 0 && reason !== 'NotLeader') || code === 429 || code >= 500 || isConflict(error);
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, clock } = options;
  const running = new Map<string, Series>();
  const allow = createLimiter(clock);
  const outbox = createOutbox((error) => options.onError?.(error));

  const writeCount = (key: string, series: Series): void => {
    series.writtenAt = clock.now();
    series.writtenCount = series.count;
    const body = { series: { count: series.count, lastObservedTime: microTime(series.lastObserved) } };
    outbox.send(async () => {
      try {
        await client.mergePatch({ resource: Event, namespace: series.namespace, name: series.name }, body);
      } catch (error) {
        // Events live for an hour: the next occurrence begins anew.
        if (!isNotFound(error)) throw error;
        if (running.get(key) === series) running.delete(key);
      }
    });
  };
  const finishSilent = (now: number): void => {
    for (const [key, series] of running) {
      if (now - series.lastObserved <= FINISH_MILLISECONDS) continue;
      running.delete(key);
      if (series.count > series.writtenCount) writeCount(key, series);
    }
  };
  const start = (key: string, event: EventInput, now: number): void => {
    const { uid = '', namespace = 'default', name } = event.regarding.metadata;
    if (!allow(`${event.regarding.kind}/${namespace}/${name}/${uid}`)) return;
    const object = eventObject(event, options, now);
    const times = { count: 1, lastObserved: now, writtenAt: undefined, writtenCount: 1 };
    running.set(key, { name: object.metadata.name, namespace, ...times });
    outbox.send(async () => {
      try {
        await createEvent(object, options);
      } catch (error) {
        options.onError?.(error, event);
      }
    });
  };

  return {
    record(event) {
      const now = clock.now();
      finishSilent(now);
      const key = keyOf(event);
      const series = running.get(key);
      if (series === undefined) {
        start(key, event, now);
        return;
      }
      series.count += 1;
      series.lastObserved = now;
      if (series.writtenAt === undefined || now - series.writtenAt >= REFRESH_MILLISECONDS) writeCount(key, series);
    },
    flush: () => outbox.drained(),
  };
}
