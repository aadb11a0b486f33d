/** Three members and a writer that never stops: whatever happens to the primary, somebody takes writes again within seconds. */
import assert from 'node:assert/strict';
import { startEnvironment, type Environment } from '../environment.ts';
import { change, create, pods, recovered, remove, type UnderTest } from './database.ts';
import { events, type Event } from './events.ts';
import { record, recorded, report } from './figures.ts';
import { chosen, runs, subjects, type Subject } from './subjects.ts';
import { observe } from './trial.ts';
import { distribution } from './writer/analysis.ts';

const say = (line: string): void => void process.stderr.write(`    ${line}\n`);
/** After the beginning of the event; a different one in each run. */
const momentsToKill = [300, 1_000, 2_500];

describe('three members under a writer', function () {
  this.timeout(600_000 * runs);
  let environment: Environment;
  before(async () => {
    environment = await startEnvironment('ha', ['node-20', ...subjects.map(({ recipe }) => recipe)]);
  });
  after(async () => {
    report();
    await environment.stop();
  });

  for (const subject of subjects.filter(({ engine }) => chosen('E2E_ENGINE', engine))) {
    describe(subject.engine, () => {
      let database: UnderTest | undefined;
      let made = 0;

      /** The one of the test before, unless that failed: what it left behind would be judged again. */
      const ready = async (): Promise<UnderTest> => {
        if (database !== undefined) return database;
        const name = `${subject.engine}-${made++}`;
        const created = await create(environment, subject, name, { replicas: 3 });
        say(`${name}: three members ready and Running ${created.seconds.toFixed(1)} s after apply`);
        database = created.database;
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

      if (chosen('E2E_EVENT', 'create'))
        it('create: Running with three members', async () => {
          const { name } = await ready();
          assert.equal((await pods({ environment, name })).length, 3);
        });

      for (const event of events.filter(({ name }) => chosen('E2E_EVENT', name))) {
        it(`${event.name}: ${event.what}`, () => repeat(subject, event, ready));
      }
      for (const event of events.filter(({ name }) => chosen('E2E_EVENT', `${name}+operator`))) {
        it(`${event.name}+operator: ${event.what}, and the operator killed in the middle`, () =>
          repeat(subject, event, ready, momentsToKill));
      }
      if (subject.sync) {
        const unsafe = events.filter(({ name, orderly }) => !orderly && chosen('E2E_EVENT', `${name}+sync`));
        if (unsafe.length > 0)
          it('takes mode sync', async () => {
            const d = await ready();
            const { code, text } = await change(d, { ...d.spec, replication: { mode: 'sync' } });
            assert.equal(code, 0, text);
          });
        for (const event of unsafe) {
          it(`${event.name}+sync: ${event.what}, in mode sync`, async () => {
            await repeat(subject, event, ready, undefined, true);
          });
        }
      }
    });
  }
});

async function repeat(
  subject: Subject,
  event: Event,
  ready: () => Promise<UnderTest>,
  moments?: readonly number[],
  sync = false,
): Promise<void> {
  const name = `${event.name}${moments ? '+operator' : ''}${sync ? '+sync' : ''}`;
  for (let run = 0; run < runs; run++) {
    const d = await ready();
    const moment = moments?.[run % moments.length];
    await recovered(d, 120_000);
    const course = await event.prepare(d);
    record(
      await observe(d, {
        ...course,
        event: name,
        worstMs: event.worstMs,
        mayLose: event.orderly || sync ? 'nothing' : 'last second',
        ...(moment !== undefined && { killOperatorAfterMs: moment }),
      }),
    );
  }
  const gaps = distribution(recorded(subject.engine, name).map(({ gapMs, awayMs }) => gapMs - awayMs));
  // One or two runs say nothing about what is typical: they are held to the worst alone.
  if (runs >= 3 && gaps !== undefined)
    assert.ok(gaps.median <= event.typicalMs, `median ${gaps.median} ms, typical may be ${event.typicalMs} ms`);
}
