/**
 * An answer within the caller's time. Past it the API server would report a bare timeout; a review that says so a moment
 * before is of more use to whoever waits at the other end.
 */
import type { Logger } from '../observe/logger.ts';
import type { WebhookMetrics } from '../observe/webhook-metrics.ts';
import type { Clock } from '../values/clock.ts';
import { parseGoDuration } from '../values/duration.ts';
import type { AdmissionAnswer, AdmissionHandler, Route } from './admission-handler.ts';
import { failureReview } from './status.ts';

export interface AnswerOptions {
  readonly handle: AdmissionHandler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: WebhookMetrics;
  /** When the request came in, milliseconds since the epoch. */
  readonly received: number;
  /** The query parameter as it came: a Go duration, as the API server sends it. */
  readonly timeout: unknown;
}

const defaultTimeout = 10_000;
const longestTimeout = 30_000;

/** Milliseconds until the answer must be on its way: a tenth of the time, at most 250 ms, is left for the way back. */
export function budgetOf(timeout: unknown): number {
  const parsed = typeof timeout === 'string' && timeout.length <= 32 ? parseGoDuration(timeout) : undefined;
  const asked = parsed?.ok === true ? Number(parsed.value / 1_000_000n) : defaultTimeout;
  const total = asked > 0 ? Math.min(asked, longestTimeout) : defaultTimeout;
  return total - Math.min(250, total / 10);
}

/** Never rejects. */
export async function answerInTime(route: Route, body: Buffer, options: AnswerOptions): Promise<AdmissionAnswer> {
  const { handle, clock, logger, metrics, received } = options;
  const abort = new AbortController();
  const failed = (error: unknown): AdmissionAnswer => {
    metrics.panic();
    const answer = failureReview(body, 500, 'internal error: this is a bug of the operator, see its log');
    logger.error({ error, route, uid: uidOf(answer.body) }, 'an admission request ended in a bug');
    return answer;
  };
  try {
    const answer = handle({ route, body, signal: abort.signal });
    if (!(answer instanceof Promise)) return answer;
    const left = budgetOf(options.timeout) - (clock.now() - received);
    let cancel = (): void => undefined;
    const overdue = new Promise<AdmissionAnswer>((resolve) => {
      cancel = clock.after(Math.max(0, left), () => {
        metrics.overdue();
        abort.abort();
        resolve(failureReview(body, 504, 'the operator could not decide in time: try again'));
      });
    });
    return await Promise.race([answer.catch(failed), overdue]).finally(() => cancel());
  } catch (error) {
    return failed(error);
  }
}

const uidOf = (json: string): string | undefined => (JSON.parse(json) as { response?: { uid?: string } }).response?.uid;
