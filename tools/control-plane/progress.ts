/** Progress of something slow: finished lines, and one line that ticks. */

export interface Progress {
  /** A line that stays. */
  line(text: string): void;
  /** What is going on now; on a terminal it replaces itself, elsewhere it appears after three seconds and every half minute. */
  status(text: string): void;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const patienceMs = 3_000;
const quietMs = 30_000;

/** `now` in milliseconds. */
export function createProgress(stream: ProgressStream, now: () => number = Date.now): Progress {
  let open = false;
  let next = now() + patienceMs;
  return {
    line: (text) => {
      stream.write(`${open ? '\r\x1b[2K' : ''}${text}\n`);
      open = false;
      next = now() + patienceMs;
    },
    status: (text) => {
      if (stream.isTTY === true) {
        stream.write(`\r\x1b[2K${text}`);
        open = true;
      } else if (now() >= next) {
        stream.write(`${text}\n`);
        next = now() + quietMs;
      }
    },
  };
}

export const silent: Progress = { line: () => undefined, status: () => undefined };

/** Runs `work`, showing `what` and the seconds since it began, and a closing line with the sum. */
export async function timed(progress: Progress, what: string, work: () => Promise<void>): Promise<void> {
  const begin = Date.now();
  const seconds = (): number => Math.round((Date.now() - begin) / 1000);
  progress.status(`${what} …`);
  const tick = setInterval(() => progress.status(`${what} … ${seconds()} s`), 1000);
  try {
    await work();
  } finally {
    clearInterval(tick);
  }
  progress.line(`${what}: done in ${seconds()} s`);
}
