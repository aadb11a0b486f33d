/**
 * What the writer prints, one JSON object a line. Times are milliseconds of its own monotonic clock; `via` is `primary`
 * for the Service `<name>-primary`, else the name of the member that was asked directly.
 */

/** Write `n` was sent at `sent` and acknowledged at `at` by `server` (an address or a host name). */
export interface Ack {
  readonly kind: 'ack';
  readonly via: string;
  readonly n: number;
  readonly server: string;
  readonly sent: number;
  readonly at: number;
}

/** Write `n` got no acknowledgement: whether it was done is unknown. Of members only a change of the error is printed. */
export interface Failure {
  readonly kind: 'fail';
  readonly via: string;
  readonly n: number;
  readonly error: string;
  readonly sent: number;
  readonly at: number;
}

/** A connection was opened. */
export interface Opened {
  readonly kind: 'open';
  readonly via: string;
  readonly server: string;
  readonly at: number;
}

/** The clock, ten times a second. */
export interface Tick {
  readonly kind: 'tick';
  readonly at: number;
}

export type Line = Ack | Failure | Opened | Tick;

export const viaPrimary = 'primary';

/** One object a line; a line that is not one (a warning of the runtime, a last line cut short) is passed over. */
export function parseLine(text: string): Line | undefined {
  if (!text.startsWith('{"kind":')) return undefined;
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
