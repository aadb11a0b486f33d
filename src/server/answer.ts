/**
 * An answer within the caller's time. Past it the API server would report a bare timeout; a review that says so a moment
 * before is of more use to whoever waits at the other end.
 */
import type { Logger } from '../observe/logger.ts';
import type { WebhookMetrics } from '../observe/webhook-metrics.ts';
import type { Clock } from '../values/clock.ts';
import { parseGoDuration } from '../values/duration.ts';
import type { AdmissionAnswer, AdmissionCall, AdmissionHandler, Route } from './admission-handler.ts';
import { failureReview } from './status.ts';

export interface AnswerOptions {
  readonly handle: AdmissionHandler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: WebhookMetrics;
}

export interface Question {
  readonly route: Route;
  readonly body: Buffer;
  /** When the request came in, milliseconds since the epoch. */
  readonly received: number;
  /** The query parameter as it came: a Go duration, as the API server sends it. Asked for only where there is a wait. */
  readonly timeout: () => unknown;
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

/** Makes its AbortController only when somebody asks for the signal: most answers are there before that. */
class Call implements AdmissionCall {
  readonly route: Route;
  readonly body: Buffer;
  #controller: AbortController | undefined;

  constructor({ route, body }: Question) {
    this.route = route;
    this.body = body;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  abort(): void {
    this.#controller?.abort();
  }
}

/** Never throws nor rejects; at once where the handler answers at once. */
export function answerInTime(question: Question, options: AnswerOptions): AdmissionAnswer | Promise<AdmissionAnswer> {
  const call = new Call(question);
  try {
    const answer = options.handle(call);
    return answer instanceof Promise ? inTime(answer, call, question, options) : answer;
  } catch (error) {
    return failed(error, question, options);
  }
}

function inTime(
  answer: Promise<AdmissionAnswer>,
  call: Call,
  question: Question,
  options: AnswerOptions,
): Promise<AdmissionAnswer> {
  const { clock, metrics } = options;
  const left = budgetOf(question.timeout()) - (clock.now() - question.received);
  let cancel = (): void => undefined;
  const overdue = new Promise<AdmissionAnswer>((resolve) => {
    cancel = clock.after(Math.max(0, left), () => {
      metrics.overdue();
      call.abort();
      resolve(failureReview(question.body, 504, 'the operator could not decide in time: try again'));
    });
  });
  const safe = answer.catch((error: unknown) => failed(error, question, options));
  return Promise.race([safe, overdue]).finally(() => cancel());
}

function failed(error: unknown, { route, body }: Question, { logger, metrics }: AnswerOptions): AdmissionAnswer {
  metrics.panic();
  const answer = failureReview(body, 500, 'internal error: this is a bug of the operator, see its log');
  logger.error({ error, route, uid: uidOf(answer.body) }, 'an admission request ended in a bug');
  return answer;
}

const uidOf = (json: string): string | undefined => (JSON.parse(json) as { response?: { uid?: string } }).response?.uid;
