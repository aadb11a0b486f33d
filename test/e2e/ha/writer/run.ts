/**
 * The writer's program, bundled with one driver and run in a pod: `write` for ever, or `numbers HOST` to print what a
 * member has as ranges (`1-4,7`). One connection a target; after a failure it is dropped and opened anew, name
 * resolved again. Nothing is retried: a number whose write failed is never written again.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { viaPrimary, type Line } from './lines.ts';
import { ranges } from './ranges.ts';
import type { Connect, Session, Table, Target } from './session.ts';

/** In the environment variable `WRITER`, as JSON. */
export interface WriterSettings {
  /** Of the Service for writes. */
  readonly host: string;
  readonly port: number;
  /** Pod name → host name: asked directly. */
  readonly members: Readonly<Record<string, string>>;
  readonly pauseMs: number;
  readonly memberPauseMs: number;
  readonly timeoutMs: number;
}

const now = (): number => Math.round(performance.now() * 100) / 100;
const print = (line: Line): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const credential = (name: string): string => readFileSync(`/credentials/${name}`, 'utf8');

export async function start(connect: Connect): Promise<void> {
  const settings = JSON.parse(process.env['WRITER'] ?? '{}') as WriterSettings;
  const target = (host: string, timeoutMs = settings.timeoutMs): Target => ({
    host,
    port: settings.port,
    timeoutMs,
    username: credential('username'),
    password: credential('password'),
    database: credential('database'),
  });
  const [mode, host = settings.host] = process.argv.slice(2);
  if (mode === 'numbers') {
    const session = await connect(target(host, 10_000));
    process.stdout.write(`${ranges(await session.numbers())}\n`);
    session.close();
    return;
  }
  setInterval(() => print({ kind: 'tick', at: now() }), 100);
  await prepare(connect, target(settings.host));
  void keepWriting(connect, {
    via: viaPrimary,
    table: 'writes',
    target: target(settings.host),
    pauseMs: settings.pauseMs,
  });
  for (const [via, member] of Object.entries(settings.members)) {
    void keepWriting(connect, { via, table: 'members', target: target(member), pauseMs: settings.memberPauseMs });
  }
}

async function prepare(connect: Connect, target: Target): Promise<void> {
  for (let done = false; !done;) {
    try {
      const session = await connect(target);
      try {
        await session.prepare();
        done = true;
      } finally {
        session.close();
      }
    } catch (error) {
      const at = now();
      print({ kind: 'fail', via: viaPrimary, n: 0, error: inShort(error), sent: at, at });
      await delay(100);
    }
  }
}

interface Stream {
  readonly via: string;
  readonly table: Table;
  readonly target: Target;
  readonly pauseMs: number;
}

async function keepWriting(connect: Connect, { via, table, target, pauseMs }: Stream): Promise<never> {
  let session: Session | undefined;
  let lastError = '';
  for (let n = 1; ; n++) {
    let sent = now();
    try {
      if (session === undefined) {
        session = await connect(target);
        print({ kind: 'open', via, server: session.server, at: now() });
        sent = now();
      }
      await session.write(table, n);
      print({ kind: 'ack', via, n, server: session.server, sent, at: now() });
      lastError = '';
    } catch (error) {
      session?.close();
      session = undefined;
      const text = inShort(error);
      if (via === viaPrimary || text !== lastError) print({ kind: 'fail', via, n, error: text, sent, at: now() });
      lastError = text;
    }
    await delay(pauseMs);
  }
}

/** First line, cut short; drivers put no password into their errors. */
function inShort(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = String(message ?? error).split('\n')[0] ?? '';
  return `${typeof code === 'string' ? `${code} ` : ''}${text}`.slice(0, 120);
}
