/** `logs NAME`: of all members, each line with the pod's name before it. */
import type { KubernetesObject } from '../../api/object.ts';
import { Pod } from '../../api/resources.ts';
import { nameLabel } from '../../desired/names.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { sleep } from '../../values/clock.ts';
import { parseGoDuration } from '../../values/duration.ts';
import { listAll, type Cluster } from '../cluster.ts';
import { clusterFlags, type Call, type Command } from '../command.ts';
import { engineOf, findDatabase, onlyName } from '../lookup.ts';
import { Misused, Told } from '../told.ts';

export const logs: Command = {
  name: 'logs',
  summary: "what all members' servers say, each line with its pod before it",
  operands: 'NAME',
  text: 'Prints the logs of the servers. With -f it goes on, also through restarts and with members that come later.',
  flags: [
    { name: 'follow', short: 'f', help: 'go on until Ctrl-C' },
    { name: 'tail', value: 'N', help: 'last lines of each member (default 20 with -f, else all)' },
    { name: 'since', value: 'TIME', help: 'not older than this, such as 10m' },
    { name: 'previous', short: 'p', help: 'of the containers before their last restart' },
    { name: 'container', short: 'c', value: 'NAME', help: "container (default: the server's)" },
    ...clusterFlags,
  ],
  completes: ['database'],
  async run(call) {
    onlyName(call);
    const { cluster, database } = await findDatabase(call);
    const container = call.value('container') ?? engineOf(database).runtime.podParts(database).containerName;
    const reader: Reader = { call, cluster, name: database.metadata.name, options: { container, ...rangeOf(call) } };
    if (call.is('follow')) return followAll(reader);
    const pods = await membersOf(reader);
    if (pods.length === 0)
      throw new Told(`${database.metadata.name} has no pods: kubectl database status ${database.metadata.name}`);
    const failures = await Promise.all(pods.map((pod) => copy(reader, pod)));
    return failures.every((failed) => failed === undefined) ? 0 : 1;
  },
};

interface Reader {
  readonly call: Call;
  readonly cluster: Cluster;
  readonly name: string;
  readonly options: Range & { readonly container: string };
}

interface Range {
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly previous?: boolean;
}

function rangeOf(call: Call): Range {
  const tail = call.value('tail') ?? (call.is('follow') ? '20' : undefined);
  if (tail !== undefined && !/^\d{1,9}$/.test(tail)) throw new Misused('--tail must be a whole number');
  const since = call.value('since');
  const parsed = since === undefined ? undefined : parseGoDuration(since);
  if (parsed?.ok === false || (parsed?.ok === true && parsed.value < 1_000_000_000n)) {
    throw new Misused('--since must be a time such as 10m, one second at least');
  }
  return {
    ...(tail !== undefined && { tailLines: Number(tail) }),
    ...(parsed?.ok === true && { sinceSeconds: Number(parsed.value / 1_000_000_000n) }),
    ...(call.is('previous') && { previous: true }),
  };
}

async function membersOf({ cluster, name }: Reader): Promise<readonly string[]> {
  const labelSelector = `${nameLabel}=${name},app.kubernetes.io/component=database`;
  const pods = await listAll(cluster, Pod, { namespace: cluster.namespace, labelSelector });
  return pods.map((pod: KubernetesObject) => pod.metadata.name).sort();
}

function print({ call: { world, style } }: Reader, pod: string, line: string): void {
  world.stdout(`${style('dim', `[${pod}]`)} ${line}\n`);
}

/** What went wrong, which is told; undefined: nothing. */
async function copy(reader: Reader, pod: string): Promise<unknown> {
  const { call, cluster, options } = reader;
  try {
    for await (const line of cluster.log({ namespace: cluster.namespace, pod, ...options })) print(reader, pod, line);
    return undefined;
  } catch (error) {
    if (!call.world.signal.aborted) tellFailure(reader, pod, error);
    return error;
  }
}

const tellFailure = ({ call }: Reader, pod: string, error: unknown): void =>
  call.world.stderr(`[${pod}] ${error instanceof Error ? error.message : String(error)}\n`);

/** How often members that came are looked for, and an ended log is opened again. */
const lookMs = 2000;

async function followAll(reader: Reader): Promise<number> {
  const { world } = reader.call;
  const followed = new Map<string, Promise<void>>();
  while (!world.signal.aborted) {
    const pods = await membersOf(reader).catch((error: unknown) => {
      if (error instanceof ApiError && error.code > 0 && error.code < 500) throw error;
      return [];
    });
    for (const pod of pods.filter((name) => !followed.has(name))) {
      followed.set(
        pod,
        keepOpen(reader, pod).finally(() => followed.delete(pod)),
      );
    }
    await sleep(world.clock, lookMs, world.signal);
  }
  await Promise.all(followed.values());
  return 0;
}

/** Until the pod is gone. A log that is opened again goes on after the last line that was printed. */
async function keepOpen(reader: Reader, pod: string): Promise<void> {
  const { clock, signal } = reader.call.world;
  const { tailLines, sinceSeconds, ...options } = reader.options;
  const first = { ...(tailLines !== undefined && { tailLines }), ...(sinceSeconds !== undefined && { sinceSeconds }) };
  let last = '';
  const told = new Set<string>();
  while (!signal.aborted) {
    const range = last === '' ? first : { sinceTime: `${last.slice(0, 19)}Z` };
    try {
      const wanted = { namespace: reader.cluster.namespace, pod, ...options, ...range, follow: true, timestamps: true };
      for await (const line of reader.cluster.log(wanted)) {
        const at = line.indexOf(' ');
        const time = line.slice(0, at);
        if (time <= last) continue;
        last = time;
        print(reader, pod, line.slice(at + 1));
      }
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return;
      const words = String(error);
      // Aborted is what ends it in the ordinary way.
      if (!told.has(words) && !(error instanceof ApiError && error.reason === 'Aborted'))
        tellFailure(reader, pod, error);
      told.add(words);
    }
    await sleep(clock, lookMs, signal);
  }
}
