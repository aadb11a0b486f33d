/** A Database under test with its writer: made, changed, waited for, and compared member by member. */
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type Json } from '../cluster.ts';
import { databaseYaml, type Environment } from '../environment.ts';
import type { Subject } from './subjects.ts';
import { acks } from './writer/analysis.ts';
import { viaPrimary } from './writer/lines.ts';
import { memberHost, startWriter, type Writer } from './writer/pod.ts';
import { ranges } from './writer/ranges.ts';

export type Spec = Readonly<Record<string, unknown>>;

export interface UnderTest {
  readonly environment: Environment;
  readonly subject: Subject;
  readonly name: string;
  readonly writer: Writer;
  /** As applied last. */
  spec: Spec;
  /** Writes that an earlier event is known to have lost. */
  readonly lost: Set<number>;
}

export interface Status {
  readonly primary: string;
  readonly term: number;
}

const serviceOf = (d: Pick<UnderTest, 'name' | 'environment'>): [string, string] => [d.environment.namespace, d.name];

export async function getDatabase(d: Pick<UnderTest, 'name' | 'environment'>): Promise<Json> {
  const object = await d.environment.cluster.get('database', ...serviceOf(d));
  if (object === undefined) throw new Error(`Database ${d.name} is gone`);
  return object;
}

export const statusOf = (object: Json): Status => ({
  primary: (object.status?.['currentPrimary'] ?? '') as string,
  term: Number(object.status?.['primaryTerm'] ?? 0),
});

export const pods = (d: Pick<UnderTest, 'name' | 'environment'>): Promise<readonly Json[]> =>
  d.environment.cluster.list('pod', d.environment.namespace, `app=${d.name}`);

export async function primaryPod(d: UnderTest): Promise<Json> {
  const { primary } = statusOf(await getDatabase(d));
  const pod = await d.environment.cluster.get('pod', d.environment.namespace, primary);
  if (pod === undefined) throw new Error(`the primary ${primary} has no pod`);
  return pod;
}

/** Applies the whole manifest; answers what kubectl printed, warnings of admission included. */
export async function change(d: UnderTest, spec: Spec): Promise<{ code: number; text: string }> {
  const { environment, name } = d;
  const { code, stdout, stderr } = await environment.cluster.apply(databaseYaml(name, environment.namespace, spec));
  if (code === 0) d.spec = spec;
  return { code, text: `${stdout}${stderr}` };
}

/** Made with its writer once all members are ready. Answers the seconds from apply to then, too. */
export async function create(
  environment: Environment,
  subject: Subject,
  name: string,
  more: Spec,
): Promise<{ database: UnderTest; seconds: number }> {
  const { cluster, namespace } = environment;
  const spec: Spec = {
    engine: subject.engine,
    version: subject.version,
    storage: { size: '1Gi' },
    deletionPolicy: 'Delete',
    ...more,
  };
  const begin = performance.now();
  const { code, stderr } = await cluster.apply(databaseYaml(name, namespace, spec));
  if (code !== 0) throw new Error(`Database ${name} was refused:\n${stderr}`);
  await whole({ environment, name }, 240_000);
  const seconds = (performance.now() - begin) / 1000;
  const { driver, port } = subject;
  const writer = await startWriter({ cluster, namespace, database: name, driver, port, members: 3 });
  const database: UnderTest = { environment, subject, name, writer, spec, lost: new Set() };
  await eventually(
    'a write is acknowledged',
    60_000,
    () => Promise.resolve(writer.acknowledgedSince(0) > 0),
    () => explain(database),
  );
  return { database, seconds };
}

export async function remove(d: UnderTest): Promise<void> {
  await d.writer.stop();
  const { cluster, namespace } = d.environment;
  await cluster.kubectl(['delete', 'database', d.name, '-n', namespace, '--timeout=90s'], { timeoutMs: 120_000 });
}

const condition = (object: Json, type: string): string | undefined =>
  ((object.status?.['conditions'] ?? []) as readonly { type: string; status: string }[]).find((c) => c.type === type)
    ?.status;

/** What keeps the Database from being whole; undefined: all members are ready, one of them primary, nothing under way. */
async function unfinished(d: Pick<UnderTest, 'name' | 'environment'>): Promise<string | undefined> {
  const [object, members] = await Promise.all([getDatabase(d), pods(d)]);
  const { primary } = statusOf(object);
  const replicas = Number(object.spec?.['replicas'] ?? 1);
  const status = object.status ?? {};
  const roles = members.map((pod) => `${pod.metadata.name}=${pod.metadata.labels?.['role'] ?? 'none'}`).sort();
  const expected = members
    .map(({ metadata }) => `${metadata.name}=${metadata.name === primary ? 'primary' : 'replica'}`)
    .sort();
  const checks: [boolean, string][] = [
    [status['observedGeneration'] === object.metadata.generation, 'the newest generation is not observed'],
    [status['phase'] === 'Running', `phase ${String(status['phase'])}`],
    [status['readyReplicas'] === replicas, `${String(status['readyReplicas'])} of ${replicas} ready`],
    [members.length === replicas, `${members.length} pods`],
    [members.every((pod) => pod.metadata.deletionTimestamp === undefined), 'a pod is ending'],
    [roles.join() === expected.join(), `roles ${roles.join(' ')}`],
    [condition(object, 'Ready') === 'True', 'not Ready'],
    [condition(object, 'Degraded') !== 'True', 'Degraded'],
    [condition(object, 'Progressing') !== 'True', 'Progressing'],
  ];
  return checks.find(([isGood]) => !isGood)?.[1];
}

/** Waits until all members are ready, one is primary, nothing is under way, for 1.5 s. */
export async function whole(d: Pick<UnderTest, 'name' | 'environment'>, timeoutMs: number): Promise<void> {
  let since: number | undefined;
  let why: string | undefined;
  await eventually(
    `${d.name} is whole`,
    timeoutMs,
    async () => {
      why = await unfinished(d);
      since = why === undefined ? (since ?? performance.now()) : undefined;
      return since !== undefined && performance.now() - since > 1_500;
    },
    async () => `${why ?? ''}\n${await explain(d)}`,
  );
}

/** Whole, writes are being acknowledged, and every member holds what the primary holds. */
export async function recovered(d: UnderTest, timeoutMs: number): Promise<void> {
  await whole(d, timeoutMs);
  const from = d.writer.now();
  await eventually(
    'writes are acknowledged',
    15_000,
    () => Promise.resolve(d.writer.acknowledgedSince(from) > 5),
    () => explain(d),
  );
}

/** Acknowledged writes that the primary lacks, and those that were not known to be lost before. */
export async function lostWrites(d: UnderTest): Promise<{ n: number; at: number }[]> {
  const written = acks(d.writer.lines()).filter(({ via }) => via === viaPrimary);
  const present = await d.writer.numbers();
  const lost = written.filter(({ n }) => !present.has(n) && !d.lost.has(n));
  for (const { n } of lost) d.lost.add(n);
  return lost;
}

/** Every member has the same writes: all that were acknowledged up to now and not lost, and none that the primary lacks. */
export async function assertMembersAgree(d: UnderTest, members: number): Promise<void> {
  const now = d.writer.now();
  const expected = acks(d.writer.lines()).filter(({ via, at, n }) => via === viaPrimary && at <= now && !d.lost.has(n));
  for (let ordinal = 0; ordinal < members; ordinal++) {
    const host = memberHost(d.name, d.environment.namespace, ordinal);
    let last = '';
    await eventually(
      `${d.name}-${ordinal} holds what was written`,
      20_000,
      async () => {
        const held = await d.writer.numbers(host).catch((error: unknown) => {
          last = String(error).slice(-300);
          return undefined;
        });
        if (held === undefined) return false;
        const lacks = expected.filter(({ n }) => !held.has(n)).map(({ n }) => n);
        const primary = await d.writer.numbers();
        const own = [...held].filter((n) => !primary.has(n));
        last = `lacks ${ranges(lacks)}; has of its own ${ranges(own)}`;
        return lacks.length === 0 && own.length === 0;
      },
      async () => `${last}\n${await explain(d)}`,
    );
    await delay(0);
  }
}

/** Status, Events, the members' logs and the operator's last lines: what a person would look at first. */
export async function explain(d: Pick<UnderTest, 'name' | 'environment'>): Promise<string> {
  const { cluster, namespace } = d.environment;
  const text = async (args: readonly string[]): Promise<string> => (await cluster.kubectl(args)).stdout;
  const members = await pods(d);
  const object = await cluster.get('database', namespace, d.name);
  const parts = [
    `status: ${JSON.stringify(object?.status, null, 1)}`,
    await text(['get', 'pods', '-n', namespace, '-o', 'wide', '-L', 'role']),
    (await text(['get', 'events', '-n', namespace, '--sort-by=.lastTimestamp'])).slice(-3_000),
    `topology: ${JSON.stringify((await cluster.get('configmap', namespace, `${d.name}-topology`))?.data)}`,
  ];
  for (const { metadata } of members) {
    parts.push(`log of ${metadata.name}:\n${await text(['logs', metadata.name, '-n', namespace, '--tail=25'])}`);
    const previous = await text(['logs', metadata.name, '-n', namespace, '--tail=10', '--previous']);
    if (previous !== '') parts.push(`log of ${metadata.name} before its restart:\n${previous}`);
  }
  parts.push(`operator:\n${d.environment.operatorLog().slice(-4_000)}`);
  return parts.join('\n');
}
