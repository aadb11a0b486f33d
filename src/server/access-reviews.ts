/**
 * The one question that admission asks of others: may this user grant that? (LocalSubjectAccessReview: the right to ask it can
 * be had in a namespace.) A review waits 100 ms for the answers; an answer that comes later is there for the next attempt. A
 * yes is kept for 10 s, a no for 2 s, so that a Role which was just made works at once. Everything is bounded: whoever
 * reaches the port could ask.
 */
import { createHash } from 'node:crypto';
import type { Access, AccessQuestion, Fact } from '../admission/facts.ts';
import type { UserInfo } from '../admission/rule.ts';
import { apiVersion, GROUP, LocalSubjectAccessReview, VERSION } from '../api/resources.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { sleep, type Clock } from '../values/clock.ts';

export interface AccessReviewsOptions {
  readonly client: Pick<KubernetesClient, 'create'>;
  readonly clock: Clock;
  /** Milliseconds that one review waits for all its answers; 100. */
  readonly budget?: number;
  /** A question that could not be put. */
  readonly onError?: (error: unknown) => void;
}

export interface AccessReviews {
  /** Resolves within the budget; what was not answered by then is `unanswered`. Never rejects. */
  ask(user: UserInfo, questions: readonly AccessQuestion[]): Promise<(question: AccessQuestion) => Fact<Access>>;
}

const defaultBudget = 100;
const keptMilliseconds = { allowed: 10_000, denied: 2_000 } as const;
const mostKept = 1_000;
const mostAtOnce = 32;

type Answer = 'allowed' | 'denied';

interface Kept {
  readonly answer: Answer;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export function createAccessReviews(options: AccessReviewsOptions): AccessReviews {
  const { client, clock, budget = defaultBudget, onError } = options;
  const kept = new Map<string, Kept>();
  const running = new Map<string, Promise<void>>();

  const recall = (key: string): Kept | undefined => {
    const found = kept.get(key);
    if (found === undefined) return undefined;
    const age = clock.now() - found.at;
    if (age >= 0 && age < keptMilliseconds[found.answer]) return found;
    kept.delete(key);
    return undefined;
  };
  const keep = (key: string, answer: Answer): void => {
    kept.delete(key);
    const [oldest] = kept.keys();
    if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
    kept.set(key, { answer, at: clock.now() });
  };
  const put = (key: string, user: UserInfo, question: AccessQuestion): Promise<void> | undefined => {
    if (recall(key) !== undefined) return undefined;
    const before = running.get(key);
    if (before !== undefined || running.size >= mostAtOnce) return before;
    const asking = review(client, user, question)
      .then(
        (answer) => keep(key, answer),
        (error: unknown) => onError?.(error),
      )
      .finally(() => running.delete(key));
    running.set(key, asking);
    return asking;
  };

  return {
    async ask(user, questions) {
      const pending = questions.flatMap((question) => put(keyOf(user, question), user, question) ?? []);
      if (pending.length > 0) {
        const enough = new AbortController();
        await Promise.race([Promise.all(pending), sleep(clock, budget, enough.signal)]);
        enough.abort();
      }
      return (question) => {
        const found = recall(keyOf(user, question));
        if (found === undefined) return { known: true, value: 'unanswered', ageSeconds: 0 };
        return { known: true, value: found.answer, ageSeconds: Math.floor((clock.now() - found.at) / 1000) };
      };
    },
  };
}

/** Names and groups may be of any length: their digest is not. */
const keyOf = ({ username, uid, groups, extra }: UserInfo, { subresource, namespace, name }: AccessQuestion): string =>
  createHash('sha256')
    .update(JSON.stringify([username, uid, groups, extra, subresource, namespace, name]))
    .digest('base64');

/** Rejects where the server gave no answer, or one that is none. */
async function review(
  client: Pick<KubernetesClient, 'create'>,
  { username, uid, groups, extra }: UserInfo,
  { subresource, namespace, name }: AccessQuestion,
): Promise<Answer> {
  const answer = await client.create(LocalSubjectAccessReview, {
    apiVersion: apiVersion(LocalSubjectAccessReview),
    kind: LocalSubjectAccessReview.kind,
    metadata: { name: '', namespace },
    spec: {
      user: username,
      groups,
      ...(uid !== undefined && { uid }),
      ...(extra !== undefined && { extra }),
      resourceAttributes: {
        group: GROUP,
        version: VERSION,
        resource: 'databases',
        subresource,
        verb: 'create',
        namespace,
        name,
      },
    },
  });
  const { allowed, denied } = (answer['status'] ?? {}) as { allowed?: unknown; denied?: unknown };
  if (typeof allowed !== 'boolean') throw new Error('the LocalSubjectAccessReview came back without a verdict');
  return allowed && denied !== true ? 'allowed' : 'denied';
}
