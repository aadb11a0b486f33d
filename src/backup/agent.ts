/** The program of the agent's container: one order, one result. */
import { readFile, writeFile } from 'node:fs/promises';
import type { BackupOrder, BackupReason, BackupResult, BackupVerb } from '../api/backup-order.ts';
import { BackupFault } from '../engines/backup.ts';
import { engineOf, logOf, type Job } from './context.ts';
import { archive } from './archive.ts';
import { dismiss, openExchange, type Exchange } from './exchange.ts';
import { inspect } from './inspect.ts';
import { prune } from './prune.ts';
import { readOrder } from './read-order.ts';
import { recover } from './recover.ts';
import { restore } from './restore.ts';
import { formatResult } from './result.ts';
import { directoryStorage } from './storage/directory.ts';
import { identity, type AwsEnvironment } from './storage/identity.ts';
import { patience, s3Send } from './storage/s3-request.ts';
import { s3Storage } from './storage/s3.ts';
import type { Storage } from './storage/storage.ts';
import { take, type Outcome } from './take.ts';
import { verify } from './verify.ts';

export interface AgentSettings {
  readonly orderFile: string;
  readonly exchangeDirectory: string;
  readonly terminationLog: string;
  /** Variables of the pod's own identity. */
  readonly environment: AwsEnvironment;
  /** Aborted: the pod is being ended. */
  readonly signal: AbortSignal;
  /** One line each. */
  readonly out: (line: string) => void;
}

/** Pulling the engine's image takes its time. */
const exchangePatienceMs = 600_000;

/** A next try ends the same way. */
const hopeless: ReadonlySet<BackupReason> = new Set([
  'InvalidOrder',
  'BackupNotFound',
  'MomentNotCovered',
  'KeyMissing',
  'WrongKey',
  'WrongEngine',
  'WrongVersion',
  'NotEmpty',
  'ProofFailed',
  'Corrupt',
  'BudgetExceeded',
]);

/** No container of the engine stands beside them. */
const alone: ReadonlySet<BackupVerb> = new Set(['prune', 'inspect', 'archive']);

/** Gives the exit code: 0 done, 1 another try may help, 2 it won't. */
export async function runAgent(settings: AgentSettings): Promise<0 | 1 | 2> {
  const { orderFile, exchangeDirectory, terminationLog, environment, signal, out } = settings;
  const startedAt = new Date().toISOString();
  let exchange: Promise<Exchange> | undefined;
  let verb: BackupVerb = 'backup';
  let outcome: Outcome;
  try {
    const order = readOrder(await readFile(orderFile, 'utf8'));
    ({ verb } = order);
    const job: Job = {
      order,
      storage: storageOf(order, environment),
      engine: () => engineOf(order),
      exchange: () => (exchange ??= openExchange(exchangeDirectory, exchangePatienceMs)),
      now: () => new Date(),
      say: (message) => out(JSON.stringify({ time: new Date().toISOString(), message })),
    };
    outcome = await Promise.race([perform(job, exchangeDirectory), interrupted(signal)]);
  } catch (error) {
    outcome = failed(error);
  }
  // The other container ends with this one. For verbs without one there is none to wait for.
  if (exchange !== undefined) await (await exchange.catch(() => undefined))?.close();
  else if (!alone.has(verb)) await dismiss(exchangeDirectory, 60_000);
  const result: BackupResult = {
    ...{ ...outcome, verb, startedAt, endedAt: new Date().toISOString() },
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
  const text = formatResult(result);
  await writeFile(terminationLog, text).catch((error: unknown) =>
    out(`can't write ${terminationLog}: ${String(error)}`),
  );
  out(text);
  if (result.ok) return 0;
  return result.reason !== undefined && hopeless.has(result.reason) ? 2 : 1;
}

async function perform(job: Job, exchangeDirectory: string): Promise<Outcome> {
  switch (job.order.verb) {
    case 'backup':
      return take(job);
    case 'restore':
      return restore(job);
    case 'verify':
      return verify(job);
    case 'inspect':
      return inspect(job);
    case 'prune':
      return { ok: true, ...(await prune(job.storage, job.order, job.now(), logOf(job))) };
    case 'archive':
      return archive(job);
    case 'recover':
      return recover(job, exchangeDirectory);
  }
}

function storageOf({ storage: { directory, s3 } }: BackupOrder, environment: AwsEnvironment): Storage {
  if (s3 === undefined) return directoryStorage(directory ?? '/backup');
  const who = identity(s3.credentialsDirectory, s3.region ?? 'us-east-1', environment);
  return s3Storage(s3.bucket, s3Send(s3, who, patience));
}

function interrupted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new BackupFault('Interrupted', 'the pod was ended before the work was done'));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return promise;
}

function failed(error: unknown): Outcome {
  if (error instanceof BackupFault) {
    const { reason, message, failures } = error;
    return { ok: false, reason, message, ...(failures.length > 0 && { failures }) };
  }
  return { ok: false, reason: 'InternalError', message: error instanceof Error ? error.message : String(error) };
}
