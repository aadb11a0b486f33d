/** The verb `restore`: into an empty server, which is compared with the backup's fingerprint before it counts. */
import type { BackupManifest } from '../api/backup-order.ts';
import { BackupFault, type Application, type BackupSession, type EngineBackup } from '../engines/backup.ts';
import { compare, totals } from './compare.ts';
import { readPassword, type Job } from './context.ts';
import { find, sourceOf, type StoredSource } from './find.ts';
import { bytesOf, closeQuietly, type Outcome } from './take.ts';

export async function restore(job: Job): Promise<Outcome> {
  const { order, storage, say } = job;
  const { server } = order;
  if (server === undefined) throw new BackupFault('InvalidOrder', "the order's field server is missing");
  const began = performance.now();
  const found = await find(job);
  const { manifest, checksum } = found;
  const source = await sourceOf(job, found);
  const engine = job.engine();
  const password = await readPassword(server.credentialsDirectory, 'superuser-password');
  const session = engine.open({ host: server.host, port: server.port, password }, await job.exchange());
  try {
    const serverVersion = await session.version();
    refuseOlder(engine, manifest, serverVersion);
    const location = storage.where(`${found.folder}${manifest.name}`);
    const outcome = (warnings: readonly string[]): Outcome => ({
      ok: true,
      ...{ location, backup: manifest.name, bytes: bytesOf(manifest.streams), checksum, serverVersion },
      ...{ ...totals(manifest.fingerprint), restoreSeconds: Math.round(performance.now() - began) / 1000, warnings },
    });
    if ((await session.prepare(`${location} ${checksum}`)) === 'complete') {
      return outcome(['it was restored already']);
    }
    say(`restoring ${location} into ${serverVersion}`);
    await restoreAndCompare(session, source, manifest);
    await session.finish(await applicationOf(job, manifest));
    return outcome(warningsOf(job, manifest));
  } finally {
    await closeQuietly(session);
  }
}

/** Rejects with Corrupt, RestoreFailed, or ProofFailed when what is there now is not what was backed up. */
export async function restoreAndCompare(
  session: BackupSession,
  source: StoredSource,
  manifest: BackupManifest,
): Promise<void> {
  await session.restore(source).catch(async (error: unknown) => {
    if (error instanceof BackupFault) throw error;
    // The engine may stumble over what is broken before that is found.
    const failures = await source.examine();
    if (failures.length > 0) {
      throw new BackupFault('Corrupt', failures.map(({ what }) => what).join('; '), { failures, cause: error });
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new BackupFault('RestoreFailed', `the engine could not load it: ${why}`, { cause: error });
  });
  const failures = compare(manifest.fingerprint, await session.fingerprint());
  if (failures.length === 0) return;
  const what = `${failures.length} differences from what was backed up, first: ${failures[0]?.what}`;
  throw new BackupFault('ProofFailed', what, { failures });
}

/** Of `8.0.33` and `8.0.4`, by their numbers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function refuseOlder(engine: EngineBackup, { name, serverVersion }: BackupManifest, target: string): void {
  if (compareVersions(engine.lineOf(target), engine.lineOf(serverVersion)) >= 0) return;
  const what = `${name} is of version ${serverVersion} and can't be restored into the older ${target}`;
  throw new BackupFault('WrongVersion', `${what}: set spec.version to ${engine.lineOf(serverVersion)} or newer`);
}

async function applicationOf({ order }: Job, manifest: BackupManifest): Promise<Application | undefined> {
  const application = order.application ?? manifest.application;
  const directory = order.applicationSecretDirectory;
  if (application === undefined || directory === undefined) return application;
  return { ...application, password: await readPassword(directory, 'password') };
}

/** The old names are what the data belongs to. */
function warningsOf({ order }: Job, { application: old }: BackupManifest): readonly string[] {
  const now = order.application;
  if (now === undefined || old === undefined) return [];
  return [
    ...(now.database === old.database
      ? []
      : [`the data is in the database ${old.database}; this Database names ${now.database}`]),
    ...(now.username === old.username
      ? []
      : [`the data belongs to the user ${old.username}; this Database names ${now.username}`]),
  ];
}
