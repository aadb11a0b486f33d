/**
 * The agent's end of the pipes between the two containers of a backup pod (engines/backup-shell.ts has the other end).
 * Orders and answers are lines in two pipes; a third takes what is dumped or restored. Each side notices that the other
 * is gone because its pipe ends; nothing is polled but the beginning, when a container may still be starting.
 */
import { close as closeFile, constants, open as openFile, write as writeFile } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BackupFault, type EngineTools } from '../engines/backup.ts';

export interface Exchange extends EngineTools {
  /** The other container ends. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;
const pauseMs = 50;
// Plain descriptors: a FileHandle would be closed with its object, under the socket that uses it.
const open = promisify(openFile);
const write = promisify(writeFile) as (fd: number, text: string) => Promise<unknown>;
const close = promisify(closeFile);

/** Rejects with EngineContainerLost when the other container is not there within `patienceMs`. */
export async function openExchange(directory: string, patienceMs: number): Promise<Exchange> {
  const at = (name: string): string => path.join(directory, name);
  const deadline = Date.now() + patienceMs;
  const absent = 'the container of the engine did not start in time: kubectl describe pod tells why';
  const answersFd = await openWhenThere(at('answers'), O_RDONLY | O_NONBLOCK, deadline, absent);
  const orders = await openWhenThere(at('orders'), O_WRONLY | O_NONBLOCK, deadline, absent);
  const answers = new Socket({ fd: answersFd, readable: true, writable: false });

  const waiting = new Map<number, Waiting>();
  let number = 0;
  let lost: Error | undefined;
  const lose = (error?: Error): void => {
    const what = 'the container of the engine ended in the middle: its log and kubectl describe pod tell why';
    lost ??= new BackupFault('EngineContainerLost', what, { cause: error });
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
  };
  createInterface({ input: answers }).on('line', (line) => {
    const [of = '', code = '', text = ''] = line.split(' ');
    const said = Buffer.from(text, 'base64').toString('utf8').trim();
    const waits = waiting.get(Number(of));
    waiting.delete(Number(of));
    if (code === '0') waits?.resolve(said);
    else waits?.reject(new Error(said === '' ? `ended with code ${code}` : said));
  });
  answers.on('error', lose).on('close', () => lose());

  // One verb at a time: the next begins when the one before has answered.
  let turn: Promise<unknown> = Promise.resolve();
  const order = async (verb: string, args: readonly string[]): Promise<string> => {
    const before = turn;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    turn = promise.catch(() => undefined);
    await before;
    if (lost !== undefined) reject(lost);
    else {
      number += 1;
      waiting.set(number, { resolve, reject });
      const words = args.map((arg) => `x${Buffer.from(arg).toString('base64')}`);
      await write(orders, `${[number, verb, ...words].join(' ')}\n`).catch(lose);
    }
    return promise;
  };

  return {
    run: (verb, args = []) => order(verb, args),
    async *output(verb, args = []) {
      const fd = await open(at('data'), O_RDONLY | O_NONBLOCK);
      const data = new Socket({ fd, readable: true, writable: false });
      const answered = order(verb, args);
      // A verb that fails before it writes would leave this end waiting.
      answered.catch((error: unknown) => data.destroy(error as Error));
      try {
        for await (const chunk of data as AsyncIterable<Buffer>) yield chunk;
        await answered;
      } finally {
        data.destroy();
      }
    },
    async input(verb, args, chunks) {
      const answered = order(verb, args);
      answered.catch(() => undefined);
      const fd = await Promise.race([openForWriting(at('data')), answered.then(neverRead)]);
      const data = new Socket({ fd, readable: false, writable: true });
      const fed = await pipeline(chunks, data).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      // Broken off by the verb: what it says explains more.
      if (fed !== undefined && !isBrokenPipe(fed.error)) throw fed.error;
      await answered;
      if (fed !== undefined) throw new Error('it ended before it had read everything');
    },
    async close() {
      await close(orders).catch(() => undefined);
      answers.destroy();
    },
  };
}

/** For an agent that fails before it begins: the other container must not wait for it. */
export async function dismiss(directory: string, patienceMs: number): Promise<void> {
  const exchange = await openExchange(directory, patienceMs).catch(() => undefined);
  await exchange?.close();
}

const neverRead = (): never => {
  throw new Error('it ended before it read anything');
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const isBrokenPipe = (error: unknown): boolean =>
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(codeOf(error));

/** ENXIO: nobody reads it yet. */
async function openWhenThere(file: string, flags: number, deadline: number, absent: string): Promise<number> {
  for (;;) {
    try {
      return await open(file, flags);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENXIO') throw error;
      if (Date.now() > deadline) throw new BackupFault('EngineContainerLost', absent, { cause: error });
    }
    await delay(pauseMs);
  }
}

const openForWriting = (file: string): Promise<number> =>
  openWhenThere(file, O_WRONLY | O_NONBLOCK, Date.now() + 60_000, "the container of the engine doesn't read");
