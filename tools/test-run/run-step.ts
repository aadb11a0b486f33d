/** Runs one step as a child process and counts what passed. Whatever ends without a count is a failure. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Step } from './steps.ts';

export interface Result {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  /** Why it counts as failed, where the output does not say. */
  readonly note?: string;
}

interface Ended {
  /** null: killed. */
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly output: string;
}

export interface Runner {
  /** Folder that the steps run in. */
  readonly root: string;
  /** Where output goes. */
  readonly write: (text: string) => void;
}

export async function runStep(step: Step, { root, write }: Runner): Promise<Result> {
  const begin = Date.now();
  const scratch = await mkdtemp(path.join(tmpdir(), 'test-run-'));
  const counted = path.join(scratch, 'counts.json');
  try {
    const ended = await spawnStep(step, counted, { root, write });
    const seconds = Math.round((Date.now() - begin) / 1000);
    const counts = await countsOf(step, ended, counted);
    if (step.counts === 'gate' && counts.failed > 0) write(ended.output);
    return { name: step.name, seconds, ...counts };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function spawnStep(step: Step, counted: string, { root, write }: Runner): Promise<Ended> {
  const [program, ...args] = step.command;
  const reporter = path.join(import.meta.dirname, '../../test/counting-reporter.js');
  if (step.counts === 'mocha') args.push('--reporter', reporter, '--reporter-option', `output=${counted}`);
  return new Promise((resolve, reject) => {
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: root,
      // A group of its own, so that a step that hangs is ended with all that it started.
      detached: true,
      stdio: ['ignore', 'pipe', step.name === 'control-plane' ? 'inherit' : 'pipe'],
    });
    let output = '';
    let timedOut = false;
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended just now.
      }
    };
    process.once('exit', end);
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, step.timeoutMinutes * 60_000);
    const take = (chunk: Buffer): void => {
      const text = chunk.toString();
      output += text;
      if (step.counts !== 'gate') write(text);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      resolve({ code, timedOut, output });
    });
  });
}

type Counts = Omit<Result, 'name' | 'seconds'>;

async function countsOf(step: Step, ended: Ended, counted: string): Promise<Counts> {
  const text = step.counts === 'mocha' ? await readFile(counted, 'utf8').catch(() => undefined) : undefined;
  const counts =
    step.counts === 'gate' ? undefined : text === undefined ? closingLine(ended.output) : mochaCounts(text);
  if (ended.timedOut) {
    return failure(counts, `ended after ${step.timeoutMinutes} minutes: it hung`);
  }
  if (ended.code !== 0) {
    // A gate's own output says why.
    return counts !== undefined && counts.failed > 0
      ? counts
      : failure(counts, `exit code ${ended.code ?? 'none, killed'}`);
  }
  if (counts === undefined)
    return step.counts === 'mocha' ? failure(undefined, 'it did not count') : { passed: 1, failed: 0 };
  if (counts.passed + counts.failed === 0) return failure(counts, 'it ran no test');
  return counts;
}

const failure = (counts: Counts | undefined, note: string): Counts => ({
  passed: counts?.passed ?? 0,
  failed: (counts?.failed ?? 0) + 1,
  note: counts?.note === undefined ? note : `${counts.note}; ${note}`,
});

/** A test that is skipped tests nothing: it counts as failed. */
function mochaCounts(text: string): Counts {
  const { passed, failed, pending = 0 } = JSON.parse(text) as { passed: number; failed: number; pending?: number };
  if (pending === 0) return { passed, failed };
  return { passed, failed: failed + pending, note: `${pending} skipped` };
}

function closingLine(output: string): Counts | undefined {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(last) ?? [];
  return passed === undefined ? undefined : { passed: Number(passed), failed: Number(failed) };
}
