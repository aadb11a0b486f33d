/**
 * The verb `verify`: restores into a throw-away server of the engine's container and compares. What is wrong with the
 * backup is a proof that failed, and recorded; what is wrong with the circumstances is an error, and proves nothing.
 */
import type { BackupFailure, BackupManifest, BackupOrder, BackupProof, BackupResult } from '../api/backup-order.ts';
import { BackupFault, type BackupSession, type EngineBackup, type EngineTools } from '../engines/backup.ts';
import { writeProof } from './catalogue.ts';
import { totals } from './compare.ts';
import type { Job } from './context.ts';
import { find, sourceOf, type Found } from './find.ts';
import { restoreAndCompare } from './restore.ts';
import { bytesOf, closeQuietly, type Outcome } from './take.ts';

/** Failures that say something of the backup itself. */
const ofTheBackup: ReadonlySet<BackupResult['reason']> = new Set([
  'Corrupt',
  'ProofFailed',
  'WrongVersion',
  'WrongKey',
  'RestoreFailed',
]);

export async function verify(job: Job): Promise<Outcome> {
  const { order, storage, now } = job;
  const began = performance.now();
  const found = await find(job);
  const { manifest, checksum } = found;
  refuseTooLarge(order, manifest);
  const engine = job.engine();
  const exchange = await job.exchange();
  let serverVersion = '';
  const failures = await withinTime(order, async () => {
    try {
      await exchange.run('serve');
      return await prove(job, found, engine, exchange, (version) => (serverVersion = version));
    } catch (error) {
      if (!(error instanceof BackupFault) || !ofTheBackup.has(error.reason)) throw error;
      return error.failures.length > 0 ? error.failures : [{ kind: 'restore', what: error.message } as const];
    }
  });
  const restoreSeconds = Math.round(performance.now() - began) / 1000;
  const proof: BackupProof = {
    ...{
      backup: manifest.name,
      ok: failures.length === 0,
      provenAt: now().toISOString(),
      restoreSeconds,
      serverVersion,
    },
    assertions: (order.assertions ?? []).map(({ name }) => name),
    failures,
  };
  await writeProof(storage, found, proof);
  return {
    ok: proof.ok,
    ...{ location: storage.where(`${found.folder}${manifest.name}`), backup: manifest.name, checksum },
    ...{ bytes: bytesOf(manifest.streams), serverVersion, restoreSeconds, ...totals(manifest.fingerprint) },
    ...(!proof.ok && { reason: 'ProofFailed', message: messageOf(failures), failures }),
  };
}

const messageOf = (failures: readonly BackupFailure[]): string =>
  `the backup is not what was backed up (${failures.length}): ${failures.map(({ what }) => what).join('; ')}`;

async function prove(
  job: Job,
  found: Found,
  engine: EngineBackup,
  tools: EngineTools,
  heard: (version: string) => void,
): Promise<readonly BackupFailure[]> {
  const { manifest } = found;
  const source = await sourceOf(job, found);
  const session = engine.open({ host: '127.0.0.1', port: engine.throwAwayPort, password: '' }, tools);
  try {
    const version = await session.version();
    heard(version);
    if (engine.lineOf(version) !== engine.lineOf(manifest.serverVersion)) {
      const what = `the backup is of version ${manifest.serverVersion}, the server that should prove it is ${version}`;
      throw new BackupFault('WrongVersion', what, { failures: [{ kind: 'wrong-version', what }] });
    }
    await session.prepare(manifest.name);
    await restoreAndCompare(session, source, manifest);
    return await failedAssertions(session, job.order, manifest);
  } finally {
    await closeQuietly(session);
  }
}

async function failedAssertions(
  session: BackupSession,
  { assertions = [], application: ordered }: BackupOrder,
  { application = ordered }: BackupManifest,
): Promise<readonly BackupFailure[]> {
  const failures: BackupFailure[] = [];
  for (const { name, database, query, expect } of assertions) {
    const what = await session.query(database ?? application?.database ?? '', query).then(
      (value) => (holds(value, expect) ? undefined : `${name}: gave ${value ?? 'nothing'}, ${wanted(expect)}`),
      (error: unknown) => `${name}: ${error instanceof Error ? error.message : String(error)}`,
    );
    if (what !== undefined) failures.push({ kind: 'assertion', what });
  }
  return failures;
}

const wanted = (expect: string | undefined): string =>
  expect === undefined ? 'something else than nothing, false and 0 was expected' : `${expect} was expected`;

/** PostgreSQL writes `f` for false. */
export const holds = (value: string | undefined, expect: string | undefined): boolean =>
  expect === undefined
    ? value !== undefined && !['', '0', 'f', 'false'].includes(value.toLowerCase())
    : value === expect;

function refuseTooLarge({ budget }: BackupOrder, { name, streams }: BackupManifest): void {
  const bytes = streams.reduce((sum, stream) => sum + stream.bytes, 0);
  if (budget?.bytes === undefined || bytes <= budget.bytes) return;
  const what = `${name} holds ${bytes} bytes, the budget of its proof is ${budget.bytes}: raise it`;
  throw new BackupFault('BudgetExceeded', what, { failures: [{ kind: 'budget', what }] });
}

async function withinTime<T>({ budget }: BackupOrder, work: () => Promise<T>): Promise<T> {
  const seconds = budget?.seconds;
  if (seconds === undefined) return work();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const what = `the proof took longer than its budget of ${seconds} s: raise it`;
  const fault = new BackupFault('BudgetExceeded', what, { failures: [{ kind: 'budget', what }] });
  const timer = setTimeout(() => reject(fault), seconds * 1000);
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
