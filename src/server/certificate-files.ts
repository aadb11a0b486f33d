/**
 * The certificate as files of a mounted Secret. The kubelet swaps a symbolic link (`..data`) to a new folder, which a
 * watch on the files never sees: the folder is watched, and the content is read every ten seconds besides, because
 * watches are lost on some filesystems.
 */
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../values/clock.ts';
import { createHolder, type CertificateSource, type HolderHooks } from './certificates.ts';

export interface FileOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** How often the content is read, milliseconds; 10 000. */
  readonly pollMilliseconds?: number;
  readonly hooks?: HolderHooks;
  /** Tests switch the watch off to see the poll. */
  readonly watch?: boolean;
}

export const certificateFile = 'tls.crt';
export const keyFile = 'tls.key';

// One swap gives several events, and a pair that is being written deserves a moment.
const settleMilliseconds = 100;

/** Reads once before it resolves; a missing or bad pair is a `problem`, not a failure: it may still come. */
export async function watchCertificateFiles(options: FileOptions): Promise<CertificateSource> {
  const { directory, clock, pollMilliseconds = 10_000 } = options;
  const holder = createHolder(clock, options.hooks);
  const running = { stopped: false, reading: Promise.resolve() };
  let last = '';

  const read = async (): Promise<void> => {
    try {
      const [cert, key] = await Promise.all([
        readFile(path.join(directory, certificateFile), 'utf8'),
        readFile(path.join(directory, keyFile), 'utf8'),
      ]);
      if (running.stopped || (cert + key === last && holder.problem() === undefined)) return;
      last = cert + key;
      holder.offer({ cert, key });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      holder.fail(`${certificateFile} and ${keyFile} can't be read from ${directory} (${code}): check --cert-dir`);
    }
  };
  const readNext = (): Promise<void> => {
    running.reading = running.reading.then(read);
    return running.reading;
  };
  let cancelPoll = (): void => undefined;
  const poll = (): void => {
    cancelPoll = clock.after(pollMilliseconds, () => {
      void readNext();
      if (!running.stopped) poll();
    });
  };
  let cancelSettle = (): void => undefined;
  const unwatch =
    options.watch === false
      ? () => undefined
      : watchDirectory(directory, () => {
          cancelSettle();
          cancelSettle = clock.after(settleMilliseconds, () => void readNext());
        });
  await readNext();
  poll();
  return {
    ...holder,
    stop: async () => {
      running.stopped = true;
      cancelPoll();
      cancelSettle();
      unwatch();
      await running.reading;
      await holder.stop();
    },
  };
}

/** Best effort: a folder that can't be watched is polled. */
function watchDirectory(directory: string, onEvent: () => void): () => void {
  try {
    const watcher = watch(directory, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}
