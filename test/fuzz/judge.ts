/**
 * One review through decoding, deciding and answering, on both routes, as the server does it; and what must hold of the
 * answers whatever came in. A fault is a sentence; undefined is well.
 */
import rfc6902 from 'rfc6902';
import { decide } from '../../src/admission/decide.ts';
import type { Decision } from '../../src/admission/decision.ts';
import { respond, type Route } from '../../src/admission/respond.ts';
import { decodeReview, type AdmissionRequest } from '../../src/admission/review.ts';
import type { Case } from './review.ts';
import { faultOfAnswer } from './verify.ts';

/** For up to 1 MiB; milliseconds on one core. */
export const slowest = 50;

const now = new Date('2026-11-20T12:00:00Z');

/** Milliseconds that this thread has worked: what else runs on the machine does not count. */
export function ownTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

interface Verdict {
  readonly request: AdmissionRequest;
  readonly decision: Decision;
  readonly json: string;
  readonly panics: readonly string[];
}

/** `clock` in milliseconds; a slow answer is asked again twice, since a collection of garbage may have come in between. */
export function faultOf(given: Case, clock: () => number): string | undefined {
  try {
    for (const route of ['mutate', 'validate'] as const) {
      const fault = faultOnRoute(given, route, clock);
      if (fault !== undefined) return `${route}: ${fault}`;
    }
    return undefined;
  } catch (error) {
    return `an exception: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function faultOnRoute(given: Case, route: Route, clock: () => number): string | undefined {
  const verdict = timed(given, route, clock);
  if (typeof verdict === 'string') return verdict;
  if (verdict === undefined) return undefined;
  const { request, decision, json, panics } = verdict;
  if (panics.length > 0) return `panicked: ${panics.join('; ')}`;
  const expected = { uid: request.uid, reviewVersion: request.reviewVersion, mutating: route === 'mutate' };
  const fault = faultOfAnswer(json, expected);
  if (fault !== undefined) return fault;
  return route === 'mutate' && decision.allowed ? faultOfPatch(verdict, given) : undefined;
}

/** The quickest of three, if the first is too slow. */
function timed(given: Case, route: Route, clock: () => number): Verdict | string | undefined {
  let took = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = clock();
    const verdict = answer(given, route);
    took = Math.min(took, clock() - start);
    if (took <= slowest) return verdict;
  }
  return `${took.toFixed(0)} ms for ${given.body.length} bytes`;
}

/** Undefined: a clean 400. */
function answer({ body, facts }: Case, route: Route): Verdict | undefined | string {
  const decoded = decodeReview(body);
  if (!decoded.ok) return decoded.message === '' ? 'a 400 without a message' : undefined;
  const { request } = decoded;
  const panics: string[] = [];
  const onPanic = (rule: string, error: unknown): void => {
    panics.push(`${rule} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  const decision = decide(request, { now, facts, mode: route, onPanic });
  return { request, decision, json: JSON.stringify(respond(request, decision, route)), panics };
}

/** It applies as the API server applies it, leaves nothing to do for a second pass, and what results is admitted. */
function faultOfPatch({ request, decision }: Verdict, { facts }: Case): string | undefined {
  const { object } = request;
  if (object === undefined || request.operation === 'DELETE') return undefined;
  const unsafe = decision.patch.find(({ value }) => typeof value === 'number' && !Number.isSafeInteger(value));
  if (unsafe !== undefined) return `the patch writes a number that JSON does not carry: ${unsafe.path}`;
  if (decision.patch.length === 0 && request.subResource !== '') return undefined;
  const patched = structuredClone(object);
  const errors = rfc6902
    .applyPatch(patched, structuredClone(decision.patch) as Parameters<typeof rfc6902.applyPatch>[1])
    .filter((error) => error !== null);
  if (errors.length > 0) return `the patch does not apply: ${String(errors[0])}`;
  const again = decide({ ...request, object: patched }, { now, facts, mode: 'mutate' });
  if (again.patch.length > 0) return `a second pass patches again: ${JSON.stringify(again.patch).slice(0, 300)}`;
  if (!again.allowed) return `what it completed is refused: ${again.refusal?.message.slice(0, 300) ?? ''}`;
  return undefined;
}
