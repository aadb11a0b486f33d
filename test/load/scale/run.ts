/** One contender through all phases: create, rest, restart with an edit on the way, rest. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesObject, Resource } from '../../../src/api/object.ts';
import * as resources from '../../../src/api/resources.ts';
import type { HttpClient } from '../../../src/kubernetes/http-client.ts';
import type { AuditEvent } from '../../../tools/control-plane/audit.ts';
import type { ControlPlane } from '../../../tools/control-plane/start.ts';
import { connectTo } from '../../support/real-client.ts';
import { isWrite, tailAudit } from '../audit-tail.ts';
import { figuresOf } from '../process-figures.ts';
import { changedBy, copyAll, readSeed } from './clone.ts';
import { etcdOf } from './etcd.ts';
import { makeCgroup, type Cgroup, type CgroupFigures } from './cgroup.ts';
import type { Contender, Running } from './contenders.ts';
import { latencyOf, type Latency } from './latency.ts';
import { makePods } from './pods.ts';
import { expect, serverSeconds, startPlane } from './plane.ts';

export interface ScaleOptions {
  readonly databases: number;
  /** Of them made through the API server; the others are copies of the first (clone.ts). */
  readonly made: number;
  readonly limitMiB: number;
  readonly idleSeconds: number;
  readonly pods: boolean;
  readonly say: (line: string) => void;
}

export interface ScaleResult {
  readonly contender: string;
  readonly createSeconds: number;
  /** Until nothing was written any more. */
  readonly settledSeconds: number;
  readonly requestsPerDatabase: Readonly<Record<string, number>>;
  /** CPU seconds while they were made, by process. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly createLatency: Latency;
  readonly restart: RestartFigures;
  readonly idle: IdleFigures;
  readonly memoryAfterCreation: MemoryFigures;
  readonly survived: boolean;
}

export interface MemoryFigures {
  readonly residentMiB: number;
  readonly anonymousMiB: number;
  readonly cgroup?: CgroupFigures;
}

export interface RestartFigures {
  /** From the start of the process until it uses no CPU and makes no more passes. */
  readonly idleAfterSeconds: number;
  /** Until a setting that was changed while the queue was full had reached its ConfigMap; absent: it was empty already. */
  readonly editSeconds?: number;
  readonly passesBeforeEdit?: number;
  readonly writes: number;
  readonly admission: Latency;
  readonly memory: MemoryFigures;
}

export interface IdleFigures {
  readonly seconds: number;
  readonly cpuPercent: number;
  readonly writes: number;
  readonly requests: number;
  readonly memory: MemoryFigures;
}

const NAMESPACES = 100;
const WRITERS = 16;
export const placeOf = (index: number): { namespace: string; name: string } => ({
  namespace: `scale-${index % NAMESPACES}`,
  name: `db-${index}`,
});
const databaseOf = (index: number): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: placeOf(index),
  spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' } },
});

interface Frame extends ScaleOptions {
  readonly plane: ControlPlane;
  readonly client: HttpClient;
  readonly contender: Contender;
  readonly cgroup: Cgroup | undefined;
  /** Requests of the contender since the last call. */
  readonly requests: () => Promise<readonly AuditEvent[]>;
}

export async function measure(contender: Contender, options: ScaleOptions): Promise<ScaleResult> {
  const { say } = options;
  const plane = await startPlane();
  const cgroup = await makeCgroup('database-operator-scale', options.limitMiB);
  if (cgroup === undefined) say(`no cgroup could be made: nothing enforces ${options.limitMiB} MiB`);
  const client = await connectTo({ kubeconfig: plane.kubeconfig }, 'scale');
  const tail = tailAudit(path.join(plane.dir, 'audit.log'), ({ userAgent }) =>
    userAgent.startsWith(contender.userAgent),
  );
  const frame: Frame = { ...options, plane, client, contender, cgroup, requests: () => tail.next() };
  let running: Running | undefined;
  try {
    await contender.prepare(plane);
    running = await contender.start(plane, cgroup?.enter);
    await makeNamespaces(plane);
    const made = await create(frame, running);
    if (options.pods) await podsOf(frame, running);
    const memoryAfterCreation = await memoryOf(running, cgroup);
    say(`memory: ${JSON.stringify(memoryAfterCreation)}`);
    await running.stop();
    await fill(frame);
    const restarted = await restart(frame);
    running = restarted.running;
    const idle = await rest(frame, running);
    const killed = (await cgroup?.read())?.killed ?? 0;
    return {
      contender: contender.name,
      ...made,
      restart: restarted.figures,
      idle,
      memoryAfterCreation,
      survived: killed === 0,
    };
  } catch (error) {
    say(
      `${contender.name}: ${String(error)}; cgroup ${JSON.stringify(await cgroup?.read())}; log ends\n${running?.log().slice(-3000) ?? ''}`,
    );
    throw error;
  } finally {
    await running?.stop();
    client.close();
    await plane.stop();
    await cgroup?.remove();
  }
}

async function memoryOf({ pid }: Running, cgroup: Cgroup | undefined): Promise<MemoryFigures> {
  const { residentMiB, anonymousMiB } = await figuresOf(pid);
  return { residentMiB, anonymousMiB, ...(cgroup !== undefined && { cgroup: await cgroup.read() }) };
}

async function makeNamespaces(plane: ControlPlane): Promise<void> {
  const items = Array.from({ length: NAMESPACES }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: placeOf(index).namespace },
  }));
  await expect(plane, ['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

type Made = Pick<
  ScaleResult,
  'createSeconds' | 'settledSeconds' | 'requestsPerDatabase' | 'cpuSeconds' | 'createLatency'
>;

async function create(frame: Frame, running: Running): Promise<Made> {
  const { client, made: databases, say, plane, contender } = frame;
  const before = { ...(await serverSeconds(plane)), [contender.name]: (await figuresOf(running.pid)).cpuSeconds };
  await frame.requests();
  const begin = performance.now();
  const latencies: number[] = [];
  let index = 0;
  const writer = async (): Promise<void> => {
    while (index < databases) {
      const mine = index++;
      const sent = performance.now();
      await client.create(resources.Database, databaseOf(mine));
      latencies.push(performance.now() - sent);
      if (mine % 500 === 499) say(`${mine + 1} created after ${secondsSince(begin)} s`);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  const createSeconds = secondsSince(begin);
  const { events, endedAt } = await silence(frame, running);
  const after: Record<string, number> = {
    ...(await serverSeconds(plane)),
    [contender.name]: (await figuresOf(running.pid)).cpuSeconds,
  };
  say(`${databases} created in ${createSeconds} s, made true after ${secondsSince(begin, endedAt)} s`);
  return {
    createSeconds,
    settledSeconds: secondsSince(begin, endedAt),
    requestsPerDatabase: perDatabase(events, databases),
    cpuSeconds: Object.fromEntries(
      Object.entries(after).map(([name, seconds]) => [name, Number((seconds - (before[name] ?? 0)).toFixed(1))]),
    ),
    createLatency: latencyOf(latencies),
  };
}

const secondsSince = (begin: number, end = performance.now()): number => Number(((end - begin) / 1000).toFixed(1));

/** Requests by verb and resource, most first, those that are rarer than one in a hundred Databases left out. */
function perDatabase(events: readonly AuditEvent[], databases: number): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { verb, objectRef } of events) {
    const what = [objectRef?.resource ?? '', objectRef?.subresource ?? ''].filter((part) => part !== '').join('/');
    counts.set(`${verb} ${what}`, (counts.get(`${verb} ${what}`) ?? 0) + 1);
  }
  const rows = [...counts].map(([name, count]): [string, number] => [name, Number((count / databases).toFixed(2))]);
  return Object.fromEntries(rows.filter(([, each]) => each >= 0.01).sort(([, a], [, b]) => b - a));
}

const QUIET_MS = 4_000;
const STEP_MS = 500;

/** Until it has made no request and no pass, and used next to no CPU, for four seconds; `endedAt` is when they began. */
async function silence(
  frame: Frame,
  running: Running,
): Promise<{ readonly events: readonly AuditEvent[]; readonly endedAt: number }> {
  const events: AuditEvent[] = [];
  let [endedAt, passes, cpu] = [performance.now(), -2, 0];
  while (performance.now() - endedAt < QUIET_MS) {
    await delay(STEP_MS);
    const [found, now, figures] = [await frame.requests(), await running.passes(), await figuresOf(running.pid)];
    events.push(...found);
    const isBusy = figures.cpuSeconds - cpu > 0.1 * (STEP_MS / 1000) + 0.1;
    if (isBusy || now !== passes || found.some(isWrite)) endedAt = performance.now();
    [passes, cpu] = [now, figures.cpuSeconds];
  }
  return { events, endedAt };
}

async function fill(frame: Frame): Promise<void> {
  const { plane, databases, made, contender, say } = frame;
  if (databases <= made) return;
  const begin = performance.now();
  const etcd = await etcdOf(plane.dir);
  const seed = await readSeed(etcd, 0);
  const wrong = changedBy(seed, contender.check);
  if (wrong.length > 0)
    if (wrong.length > 0)
      if (wrong.length > 0) throw new Error(`copies would not be what ${contender.name} makes: ${wrong.join(', ')}`);
  await copyAll(etcd, seed, { from: 0, first: made, end: databases }, contender.trueUp);
  etcd.close();
  await caughtUp(frame);
  say(`${databases - made} copies of ${seed.length} objects each in ${secondsSince(begin)} s`);
}

/** Until the API server's own caches, from which watches are answered, have seen the last copy. */
async function caughtUp({ client, databases, made }: Frame): Promise<void> {
  const [{ namespace, name }, first] = [placeOf(databases - 1), placeOf(made)];
  const seen = async (resource: Resource, wanted: string): Promise<boolean> => {
    const { items } = await client.listPage(resource, { namespace, resourceVersion: '0', metadataOnly: true });
    return items.some(({ metadata }) => metadata.name === wanted);
  };
  for (const [resource, suffix] of lastOf)
    if ((await client.get({ resource, ...first, name: first.name + suffix })) !== undefined)
      while (!(await seen(resource, name + suffix))) await delay(500);
}

/** One object of each kind, by the suffix of its name. */
const lastOf: readonly (readonly [Resource, string])[] = [
  [resources.Database, ''],
  [resources.ServiceAccount, ''],
  [resources.Secret, '-secret'],
  [resources.ConfigMap, '-topology'],
  [resources.Service, '-readonly'],
  [resources.PodDisruptionBudget, ''],
  [resources.NetworkPolicy, ''],
  [resources.StatefulSet, ''],
  [resources.Pod, '-0'],
];

async function podsOf(frame: Frame, running: Running): Promise<void> {
  const begin = performance.now();
  await makePods(frame.client, frame.made);
  await silence(frame, running);
  frame.say(`pods and claims made, and taken note of, after ${secondsSince(begin)} s`);
}

async function restart(frame: Frame): Promise<{ readonly running: Running; readonly figures: RestartFigures }> {
  const { contender, plane, cgroup, say } = frame;
  await frame.requests();
  const begin = performance.now();
  const running = await contender.start(plane, cgroup?.enter);
  const stop = new AbortController();
  const probes = probeAdmission(frame, stop.signal);
  const edited = await edit(frame, running);
  const { events, endedAt } = await silence(frame, running);
  stop.abort();
  const figures: RestartFigures = {
    idleAfterSeconds: secondsSince(begin, endedAt),
    ...edited,
    writes: events.filter(isWrite).length,
    admission: latencyOf(await probes),
    memory: await memoryOf(running, cgroup),
  };
  say(`restart: ${JSON.stringify(figures)}`);
  return { running, figures };
}

/** Dry runs, ten a second at most: what a person waits for while the operator is busy with itself. */
async function probeAdmission({ client }: Frame, signal: AbortSignal): Promise<readonly number[]> {
  const milliseconds: number[] = [];
  while (!signal.aborted) {
    const sent = performance.now();
    const place = { resource: resources.Database, ...placeOf(0) };
    // A patch that changes nothing goes through admission all the same.
    await client.mergePatch(place, { spec: { storage: { size: '1Gi' } } }).catch(() => undefined);
    milliseconds.push(performance.now() - sent);
    await delay(100);
  }
  return milliseconds;
}

/** Changes the Database that was made last as soon as the first passes are through. */
async function edit(
  { client, databases }: Frame,
  running: Running,
): Promise<Pick<RestartFigures, 'editSeconds' | 'passesBeforeEdit'>> {
  const { namespace, name } = placeOf(databases - 1);
  const ref = { resource: resources.ConfigMap, namespace, name: `${name}-config` };
  let passesBeforeEdit = await running.passes();
  while (passesBeforeEdit < Math.min(20, databases / 4)) {
    await delay(50);
    passesBeforeEdit = await running.passes();
  }
  if (passesBeforeEdit > databases * 0.8) return { passesBeforeEdit };
  const begin = performance.now();
  await client.mergePatch(
    { resource: resources.Database, namespace, name },
    { spec: { config: { maxConnections: 321 } } },
  );
  const isThere = async (): Promise<boolean> => JSON.stringify((await client.get(ref))?.['data'] ?? {}).includes('321');
  while (!(await isThere())) await delay(20);
  return { passesBeforeEdit, editSeconds: Number(((performance.now() - begin) / 1000).toFixed(2)) };
}

async function rest(frame: Frame, running: Running): Promise<IdleFigures> {
  const { idleSeconds, cgroup } = frame;
  // Memory is given back some seconds after the last work.
  await delay(20_000);
  await frame.requests();
  const before = (await figuresOf(running.pid)).cpuSeconds;
  await delay(idleSeconds * 1000);
  const events = await frame.requests();
  const used = (await figuresOf(running.pid)).cpuSeconds - before;
  return {
    seconds: idleSeconds,
    cpuPercent: Number(((used / idleSeconds) * 100).toFixed(2)),
    writes: events.filter(isWrite).length,
    requests: events.filter(({ verb }) => verb !== 'watch').length,
    memory: await memoryOf(running, cgroup),
  };
}
