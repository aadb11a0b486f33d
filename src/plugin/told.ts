/** What a person is told instead of a result: what is wrong, and what to do. */
import { ApiError } from '../kubernetes/errors.ts';
import type { World } from './world.ts';

export class Told extends Error {
  /** Exit code. */
  readonly code: number;

  constructor(message: string, code = 1) {
    super(message);
    this.name = 'Told';
    this.code = code;
  }
}

/** Wrong usage: the command's usage follows the message. */
export class Misused extends Error {}

/** Words for anything thrown; the API server's own message says which right is missing. */
export function wordsOf(error: unknown, { signal }: Pick<World, 'signal'>): string {
  if (signal.aborted) return 'stopped; what was begun goes on in the cluster';
  if (!(error instanceof ApiError)) return error instanceof Error ? withCause(error) : String(error);
  if (error.reason === 'Unreachable' || error.reason === 'Timeout') {
    return `${error.message}\nCheck --context and --kubeconfig: does kubectl get namespaces work?`;
  }
  // "the server could not find the requested resource", which names nothing.
  if (
    error.code === 404 &&
    (error.status as { details?: { name?: string } } | undefined)?.details?.name === undefined
  ) {
    return `${error.message}\nThe kinds of database-operator are not installed in this cluster, or not in this version.`;
  }
  return error.message;
}

const withCause = ({ message, cause }: Error): string =>
  cause instanceof Error ? `${message}: ${cause.message}` : message;
