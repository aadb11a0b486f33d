/** One event seen from the writer: what is done, how long nothing was acknowledged, what was lost, who accepted writes. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../cluster.ts';
import {
  assertMembersAgree,
  explain,
  getDatabase,
  lostWrites,
  pods,
  recovered,
  statusOf,
  type UnderTest,
} from './database.ts';
import { longestGap, namesOf, overlaps, reigns } from './writer/analysis.ts';

export interface Trial {
  readonly engine: string;
  readonly event: string;
  readonly gapMs: number;
  /** Acknowledged writes that were not there afterwards. */
  readonly lost: number;
  /** From the event until all members were ready again. */
  readonly wholeMs: number;
  readonly primaries: readonly string[];
  /** The operator was away so long. */
  readonly awayMs: number;
}

export interface Course {
  readonly event: string;
  /** Does it; resolves when it is done. */
  act(): Promise<void>;
  /** Undone once writes are acknowledged again. */
  heal?(): Promise<void>;
  /** Resolves when what was asked for has happened. Default: 5 s, and then writes acknowledged for 3 s. */
  until?(): Promise<void>;
  /** Kills the operator so many milliseconds after `act` began, and starts it again at once. */
  readonly killOperatorAfterMs?: number;
  /** Longest time without an acknowledgement; while the operator is away comes on top. */
  readonly worstMs: number;
  /** How many acknowledged writes may be gone: none, or those of the last second before the gap. */
  readonly mayLose: 'nothing' | 'last second';
  readonly wholeWithinMs?: number;
}

const say = (line: string): void => void process.stderr.write(`    ${line}\n`);

/** Runs it on a database that is whole (`recovered`), judges it, and leaves it whole. */
export async function observe(d: UnderTest, course: Course): Promise<Trial> {
  const before = statusOf(await getDatabase(d));
  const from = d.writer.now();
  const begin = performance.now();
  const acting = course.act();
  const awayMs = await killedAfter(d, course.killOperatorAfterMs);
  await acting;
  await (course.until ?? (() => writesGoOn(d)))();
  await course.heal?.();
  await recovered(d, course.wholeWithinMs ?? 180_000);
  const wholeMs = performance.now() - begin;
  const after = statusOf(await getDatabase(d));
  const to = d.writer.now();
  const lines = d.writer.lines();
  const gap = longestGap(lines, { from, to });
  const found = reigns(
    lines.filter(({ at }) => at >= gap.from - 1000 || at >= from),
    namesOf(lines),
  );
  const lost = await lostWrites(d);
  const members = (await pods(d)).length;
  const trial: Trial = {
    engine: d.subject.engine,
    event: course.event,
    gapMs: Math.round(gap.ms),
    lost: lost.length,
    wholeMs: Math.round(wholeMs),
    primaries: found.map(({ server }) => server),
    awayMs,
  };
  say(describeTrial(trial));
  const evidence = async (): Promise<string> =>
    `${JSON.stringify({ trial, gap, before, after, reigns: found, lost: lost.slice(0, 20) }, null, 1)}\n${await explain(d)}`;
  if (overlaps(found, after.term - before.term).length > 0)
    assert.fail(
      `${found.length - 1} changes of who accepts writes, ${after.term - before.term} decided\n${await evidence()}`,
    );
  const excused = lost.filter(({ at }) => course.mayLose === 'last second' && at > gap.from - 1000 && at <= gap.from);
  if (excused.length < lost.length) assert.fail(`acknowledged writes are gone: ${lost.length}\n${await evidence()}`);
  if (!gap.ended || gap.ms > course.worstMs + awayMs)
    assert.fail(`no write acknowledged for ${gap.ms} ms, at most ${course.worstMs + awayMs}\n${await evidence()}`);
  await assertMembersAgree(d, members);
  return trial;
}

async function killedAfter(d: UnderTest, milliseconds: number | undefined): Promise<number> {
  if (milliseconds === undefined) return 0;
  await delay(milliseconds);
  const begin = performance.now();
  await d.environment.killOperator();
  await d.environment.startOperator();
  return Math.round(performance.now() - begin);
}

/** At least 5 s, so that the event has begun to show; then acknowledged without a pause of half a second for 3 s. */
async function writesGoOn(d: UnderTest): Promise<void> {
  await delay(5_000);
  await eventually(
    'writes are acknowledged again',
    60_000,
    async () => {
      const from = d.writer.now();
      await delay(3_000);
      const to = d.writer.now();
      return to - from > 2_000 && longestGap(d.writer.lines(), { from, to }).ms < 500;
    },
    () => explain(d),
  );
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export function describeTrial({ engine, event, gapMs, lost, wholeMs, primaries, awayMs }: Trial): string {
  const away = awayMs > 0 ? `, operator away ${seconds(awayMs)}` : '';
  return `${engine} ${event}: no write for ${seconds(gapMs)}, ${lost} lost, whole after ${seconds(wholeMs)}, ${primaries.join(' → ')}${away}`;
}
