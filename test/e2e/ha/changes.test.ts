/** Changes of three members under a writer: what was announced is what happens, and what is wrong stops at a replica. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type Json } from '../cluster.ts';
import { startEnvironment, type Environment } from '../environment.ts';
import {
  change,
  create,
  explain,
  getDatabase,
  pods,
  recovered,
  remove,
  statusOf,
  whole,
  type UnderTest,
} from './database.ts';
import { changes, misoperations, type Change, type Misoperation } from './changes.ts';
import { record, report } from './figures.ts';
import { chosen, subjects } from './subjects.ts';
import { observe } from './trial.ts';

/** One switchover: what any orderly change may cost. */
const worstMs = 10_000;

describe('changes under a writer', function () {
  this.timeout(900_000);
  let environment: Environment;
  const engines = subjects.filter(({ engine }) => chosen('E2E_ENGINE', engine));
  before(async () => {
    environment = await startEnvironment('changes', ['node-20', ...subjects.map(({ recipe }) => recipe)]);
    for (const { image, newer } of engines) await environment.cluster.prepare(['image', 'tag', image, newer.image]);
  });
  after(async () => {
    report();
    await environment.stop();
  });

  for (const subject of engines) {
    describe(subject.engine, () => {
      let database: UnderTest | undefined;
      let made = 0;
      const ready = async (): Promise<UnderTest> => {
        const name = `${subject.engine}-c${made}`;
        if (database === undefined) {
          // The first one grows to three in the test of that; one that takes its place has them at once.
          const replicas = made++ === 0 && chosen('E2E_EVENT', 'scale') ? 1 : 3;
          ({ database } = await create(environment, subject, name, { replicas }));
        }
        await recovered(database, 180_000);
        return database;
      };
      afterEach(async function () {
        if (this.currentTest?.isFailed() !== true || database === undefined) return;
        const broken = database;
        database = undefined;
        await remove(broken);
      });
      after(async () => {
        if (database !== undefined) await remove(database);
      });

      if (chosen('E2E_EVENT', 'scale'))
        it('scale: from one member to three, and the first goes on', async () => {
          const d = await ready();
          const before = await pods(d);
          await scaled(d, 3, 'scale-1-3', 1_000);
          const first = (await pods(d)).find(({ metadata }) => metadata.uid === before[0]?.metadata.uid);
          assert.ok(first, 'the first member was made anew');
        });
      for (const item of changes.filter(({ name }) => chosen('E2E_EVENT', name))) {
        const { reloads } = subject;
        if (item.name === 'reload' && reloads === undefined) continue;
        it(`${item.name}: announced and done alike`, async () => carriedOut(await ready(), item));
      }
      for (const item of misoperations.filter(({ name }) => chosen('E2E_EVENT', name))) {
        it(`${item.name}: refused, or stopped at a replica and told; taken back, all is well`, async () =>
          withstood(await ready(), item));
      }
      if (chosen('E2E_EVENT', 'drain'))
        it('drain: the primary moves, and a second member is not let go', async () => drained(await ready()));
      if (chosen('E2E_EVENT', 'scale'))
        it('scale: from three members to two, the volume of the third kept', async () => {
          const d = await ready();
          const { spec } = d;
          assert.equal((await change(d, { ...spec, deletionPolicy: 'Retain' })).code, 0);
          await recovered(d, 60_000);
          await scaled(d, 2, 'scale-3-2', worstMs);
          const { namespace, cluster } = environment;
          assert.notEqual(await cluster.get('pvc', namespace, `data-${d.name}-2`), undefined);
          assert.equal((await change(d, { ...d.spec, deletionPolicy: 'Delete' })).code, 0);
        });
    });
  }
});

async function scaled(d: UnderTest, replicas: number, event: string, limit: number): Promise<void> {
  const { cluster, namespace } = d.environment;
  const course = {
    event,
    act: async () => {
      await cluster.expectKubectl(['scale', 'database', d.name, '-n', namespace, `--replicas=${replicas}`]);
      d.spec = { ...d.spec, replicas };
    },
    until: () => whole(d, 240_000),
    worstMs: limit,
    mayLose: 'nothing',
  } as const;
  record(await observe(d, course));
  assert.equal((await pods(d)).length, replicas);
}

async function carriedOut(d: UnderTest, item: Change): Promise<void> {
  const spec = item.spec(d.spec, d.subject);
  assert.ok(spec);
  const before = await pods(d);
  const { term } = statusOf(await getDatabase(d));
  let text = '';
  const course = {
    event: item.name,
    act: async () => {
      const answer = await change(d, spec);
      text = answer.text;
      assert.equal(answer.code, 0, text);
    },
    until: () => whole(d, 300_000),
    worstMs: item.restarts ? worstMs : 1_000,
    mayLose: 'nothing',
  } as const;
  record(await observe(d, course));
  assert.match(text, item.announced);
  const after = await pods(d);
  const kept = after.filter((pod) => before.some((old) => same(old, pod)));
  assert.equal(kept.length, item.restarts ? 0 : before.length, 'members that were left alone');
  const changesOfPrimary = statusOf(await getDatabase(d)).term - term;
  assert.equal(changesOfPrimary, item.restarts ? 1 : 0, `announced: ${text}`);
}

const restartCount = (pod: Json): number =>
  ((pod.status?.['containerStatuses'] ?? []) as readonly { restartCount: number }[])[0]?.restartCount ?? 0;
const same = (a: Json, b: Json): boolean => a.metadata.uid === b.metadata.uid && restartCount(a) === restartCount(b);

async function withstood(d: UnderTest, item: Misoperation): Promise<void> {
  const good = d.spec;
  const wrong = item.spec(d);
  const { primary } = statusOf(await getDatabase(d));
  let refused = false;
  const course = {
    event: item.name,
    act: async () => {
      const { code, text } = await change(d, wrong);
      refused = code !== 0;
      if (refused) assert.match(text, item.told, 'refused, but for another reason');
    },
    until: async () => {
      if (refused) return;
      await eventually(
        'the status names the culprit',
        150_000,
        async () => {
          const { status } = await getDatabase(d);
          const told = JSON.stringify([status?.['diagnosis'], status?.['conditions']]);
          return (
            /"status":"True"[^{}]*"type":"Degraded"|"type":"Degraded"[^{}]*"status":"True"/.test(told) &&
            item.told.test(told)
          );
        },
        () => explain(d),
      );
      // Long enough for a loop that goes on to the next member to be caught.
      await delay(10_000);
      const members = await pods(d);
      const unready = members.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name);
      assert.ok(unready.length <= 1, `it went on to a second member: ${unready.join()}`);
      assert.ok(!unready.includes(primary), 'it began with the primary');
    },
    heal: async () => {
      const { code, text } = await change(d, good);
      assert.equal(code, 0, text);
    },
    worstMs: 1_000,
    mayLose: 'nothing',
  } as const;
  record(await observe(d, course));
}

function isReady(pod: Json): boolean {
  const conditions = (pod.status?.['conditions'] ?? []) as readonly { type: string; status: string }[];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** One node: it is cordoned, so what was evicted stays away until it is let in again. */
async function drained(d: UnderTest): Promise<void> {
  const { cluster, namespace } = d.environment;
  const { primary } = statusOf(await getDatabase(d));
  const pod = await cluster.get('pod', namespace, primary);
  const node = (pod?.spec?.['nodeName'] ?? '') as string;
  const evict = async (name: string): Promise<string> => {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
    const { stdout, stderr } = await cluster.kubectl(['create', '--raw', path, '-f', '-'], {
      input: JSON.stringify(body),
    });
    return `${stdout}${stderr}`;
  };
  const course = {
    event: 'drain',
    act: async () => {
      await cluster.expectKubectl(['cordon', node]);
      assert.match(await evict(primary), /Success/);
    },
    until: async () => {
      await eventually('another is primary', 60_000, async () => statusOf(await getDatabase(d)).primary !== primary);
      const [second] = (await pods(d)).filter(({ metadata }) => metadata.name !== primary);
      assert.match(await evict(second?.metadata.name ?? ''), /disruption budget/i);
    },
    heal: async () => {
      await cluster.expectKubectl(['uncordon', node]);
    },
    worstMs,
    mayLose: 'nothing',
  } as const;
  try {
    record(await observe(d, course));
  } finally {
    await cluster.kubectl(['uncordon', node]);
  }
}
