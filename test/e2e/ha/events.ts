/** What can happen to the primary of three, and how long nobody may be able to write then. */
import { eventually } from '../cluster.ts';
import { getDatabase, primaryPod, statusOf, type UnderTest } from './database.ts';
import { cutOff, processesOf, signal, type Cut } from './faults.ts';
import type { Course } from './trial.ts';

export interface Event {
  readonly name: string;
  readonly what: string;
  /** Milliseconds without an acknowledged write: never more, and the median of the runs. */
  readonly worstMs: number;
  readonly typicalMs: number;
  /** What was acknowledged last may be gone in async mode; an orderly change loses nothing in any mode. */
  readonly orderly: boolean;
  /** Made ready before the clock starts. */
  prepare(d: UnderTest): Promise<Pick<Course, 'act' | 'heal' | 'until'>>;
}

const fault = { worstMs: 10_000, typicalMs: 5_000, orderly: false } as const;
const orderly = { worstMs: 10_000, typicalMs: 3_000, orderly: true } as const;

export const events: readonly Event[] = [
  {
    name: 'kill',
    what: 'kill -9 of the server process',
    ...fault,
    prepare: async (d) => {
      const pids = (await serverOf(d)).slice(0, 1);
      return { act: () => signal(d.environment.cluster, 'KILL', pids) };
    },
  },
  {
    name: 'delete',
    what: "the primary's pod deleted gracefully",
    ...orderly,
    prepare: (d) => deletion(d, []),
  },
  {
    name: 'force',
    what: "the primary's pod deleted by force",
    ...fault,
    prepare: (d) => deletion(d, ['--grace-period=0', '--force']),
  },
  {
    name: 'freeze',
    what: 'SIGSTOP of the server and its processes',
    ...fault,
    prepare: async (d) => {
      const pids = await serverOf(d);
      const { cluster } = d.environment;
      return { act: () => signal(cluster, 'STOP', pids), heal: () => signal(cluster, 'CONT', pids) };
    },
  },
  {
    name: 'partition',
    what: 'the primary reaches nobody and nobody reaches it',
    ...fault,
    prepare: (d) => partition(d, true),
  },
  {
    name: 'partition-half',
    what: 'the primary reaches no pod, no Service and not the API, yet the operator reaches it',
    ...fault,
    prepare: (d) => partition(d, false),
  },
  {
    name: 'switchover',
    what: 'another primary is asked for by annotation',
    ...orderly,
    prepare: async (d) => {
      const { cluster, namespace } = d.environment;
      const before = statusOf(await getDatabase(d));
      return {
        act: async () => {
          const mark = 'database.example.com/switchover=any';
          await cluster.expectKubectl(['annotate', 'database', d.name, '-n', namespace, mark, '--overwrite']);
        },
        until: async () => {
          await eventually('another is primary', 60_000, async () => {
            const now = statusOf(await getDatabase(d));
            return now.primary !== before.primary && now.term > before.term;
          });
        },
      };
    },
  },
];

const serverOf = async (d: UnderTest): Promise<readonly number[]> =>
  processesOf(d.environment.cluster, await primaryPod(d), d.subject.process);

async function deletion(d: UnderTest, how: readonly string[]): Promise<Pick<Course, 'act'>> {
  const { cluster, namespace } = d.environment;
  const { primary } = statusOf(await getDatabase(d));
  return {
    act: async () => {
      await cluster.expectKubectl(['delete', 'pod', primary, '-n', namespace, '--wait=false', ...how]);
    },
  };
}

async function partition(d: UnderTest, operatorToo: boolean): Promise<Pick<Course, 'act' | 'heal'>> {
  const pod = await primaryPod(d);
  const address = String(pod.status?.['podIP']);
  let cut: Cut | undefined;
  return {
    act: async () => {
      cut = await cutOff(d.environment.cluster, address, d.subject.port, operatorToo);
    },
    heal: async () => cut?.heal(),
  };
}
