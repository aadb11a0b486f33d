/** `restore NEW --from BACKUP`: a new Database with the data of a backup. */
import { stringify } from 'yaml';
import type { KubernetesObject } from '../../api/object.ts';
import { apiVersion, Database as databases, DatabaseBackup as backups } from '../../api/resources.ts';
import type { Database, DatabaseBackup, DatabaseSpec } from '../../api/types.generated.ts';
import { readTime } from '../../cli/cron.ts';
import { applicationDatabase, applicationUser } from '../../engines/application.ts';
import { engineByName } from '../../engines/index.ts';
import { create } from '../change.ts';
import { clusterFlags, waitFlags, type Command } from '../command.ts';
import { follow, settled, type Outcome } from '../follow.ts';
import { find, notFound } from '../lookup.ts';
import { listAll, type Cluster } from '../cluster.ts';
import { Misused, Told } from '../told.ts';

export const restore: Command = {
  name: 'restore',
  summary: 'make a new Database from a backup, or of a moment; the old one is not touched',
  operands: 'NEW-NAME',
  text: `Makes the Database NEW-NAME with bootstrap.recovery. Its spec is that of the Database that was backed up, or of the
one that --like names when that is gone. With --like and --time it has the data that the Database of --like had then,
where that has spec.backup.pointInTime.`,
  flags: [
    { name: 'from', value: 'BACKUP', help: 'a DatabaseBackup that has completed' },
    { name: 'like', value: 'NAME', help: 'Database whose spec is taken, and with --time its data' },
    { name: 'time', value: 'TIME', help: 'moment to which the data is brought, RFC 3339' },
    { name: 'dry-run', help: 'print the manifest and make nothing' },
    ...waitFlags,
    ...clusterFlags,
  ],
  completes: [],
  async run(call) {
    const [name, extra] = call.operands;
    if (name === undefined || extra !== undefined)
      throw new Misused('the name of the new Database is missing, or is not one');
    const origin = originOf(call.value('from'), call.value('like'), call.value('time'));
    const cluster = await call.cluster();
    const { namespace } = cluster;
    const object =
      'time' in origin
        ? restored(momentSource(await sourceOf(cluster, origin.like, namespace)), {
            name,
            namespace,
            time: origin.time,
          })
        : restored(await backedUp(cluster, origin.from, origin.like), { name, namespace, from: origin.from });
    if (call.is('dry-run')) {
      call.world.stdout(stringify(object));
      return 0;
    }
    await create(call, cluster, databases, object);
    call.world.stderr(`Database ${name} is made\n`);
    if (!call.is('wait', true)) return 0;
    return follow(call, cluster, { resource: databases, name, judge: judgeRestore }, new Set());
  },
};

type Origin =
  { readonly from: string; readonly like: string | undefined } | { readonly like: string; readonly time: string };

function originOf(from: string | undefined, like: string | undefined, time: string | undefined): Origin {
  if (time === undefined) {
    if (from === undefined) throw new Misused('--from is missing: the DatabaseBackup to restore');
    return { from, like };
  }
  if (readTime(time) === undefined) throw new Misused('--time must be a time such as 2026-01-31T12:00:00Z');
  if (from !== undefined || like === undefined)
    throw new Misused('--time goes with --like, the Database that stored its log, and not with --from');
  return { like, time };
}

async function backedUp(cluster: Cluster, from: string, given: string | undefined): Promise<Database> {
  const backup = (await find(cluster, backups, from)) as DatabaseBackup;
  const like = given ?? backup.spec.databaseRef.name;
  return sourceOf(cluster, like, sourceNamespace(backup, like, cluster.namespace));
}

async function sourceOf(cluster: Cluster, like: string, namespace: string): Promise<Database> {
  const source = await cluster.client.get({ resource: databases, namespace, name: like });
  if (source !== undefined) return source as Database;
  const known = (await listAll(cluster, databases, { namespace: cluster.namespace })).map(
    ({ metadata }) => metadata.name,
  );
  throw new Told(
    `${notFound('Database', like, `namespace ${cluster.namespace}`, known)}\n--like names one whose spec is taken`,
  );
}

function momentSource(database: Database): Database {
  const { backup } = database.spec;
  if (backup?.pointInTime === true && backup.destination?.s3 !== undefined) return database;
  throw new Told(
    `${database.metadata.name} stores no log between backups: that takes spec.backup.pointInTime and a bucket; --from restores a whole backup`,
  );
}

const sourceNamespace = ({ spec }: DatabaseBackup, like: string, namespace: string): string =>
  like === spec.databaseRef.name ? (spec.databaseRef.namespace ?? namespace) : namespace;

/** What belongs to the life of the old one, and is not taken over. */
const ownLife = new Set(['hibernate', 'paused', 'bootstrap']);

export type Restored = { readonly name: string; readonly namespace: string } & (
  | { readonly from: string }
  /** Of a source with a bucket. */
  | { readonly time: string }
);

export function restored(source: Database, wish: Restored): Database & KubernetesObject {
  const { name, namespace } = wish;
  const { metadata, spec } = source;
  const kept = Object.fromEntries(Object.entries(spec).filter(([field]) => !ownLife.has(field))) as DatabaseSpec;
  if ('from' in wish)
    return made(name, namespace, { ...kept, bootstrap: { recovery: { backupRef: { name: wish.from } } } });
  const { destination, encryptionSecret } = spec.backup ?? {};
  const { bucket = '', ...place } = destination?.s3 ?? {};
  const recovery = {
    s3: { bucket, ...place, path: `${metadata.namespace ?? namespace}/${metadata.name}` },
    ...(encryptionSecret !== undefined && { encryptionSecret }),
    targetTime: wish.time,
  };
  return made(name, namespace, { ...kept, ...namesIn(source), bootstrap: { recovery } });
}

/** The names that the data has. */
function namesIn(source: Database): Pick<DatabaseSpec, 'databaseName' | 'username'> {
  const engine = engineByName(source.spec.engine ?? '');
  if (engine === undefined) return {};
  return { databaseName: applicationDatabase(source, engine), username: applicationUser(source, engine) };
}

function made(name: string, namespace: string, spec: DatabaseSpec): Database & KubernetesObject {
  return {
    apiVersion: apiVersion(databases) as 'example.com/v1',
    kind: 'Database',
    metadata: { name, namespace },
    spec,
  };
}

function judgeRestore(object: KubernetesObject): Outcome {
  const outcome = settled(object, object.metadata.generation ?? 0);
  if (outcome !== undefined) return outcome;
  const { status } = object as unknown as Database;
  const [first] = status?.diagnosis ?? [];
  return status?.phase === 'Failed' && first !== undefined
    ? { failed: `${first.cause}: ${first.evidence}\n${first.action}` }
    : undefined;
}
