/** `restore NEW --from BACKUP`: a new Database with the data of a backup. */
import { stringify } from 'yaml';
import type { KubernetesObject } from '../../api/object.ts';
import { apiVersion, Database as databases, DatabaseBackup as backups } from '../../api/resources.ts';
import type { Database, DatabaseBackup, DatabaseSpec } from '../../api/types.generated.ts';
import { readTime } from '../../cli/cron.ts';
import { create } from '../change.ts';
import { clusterFlags, waitFlags, type Command } from '../command.ts';
import { follow, settled, type Outcome } from '../follow.ts';
import { find, notFound } from '../lookup.ts';
import { listAll } from '../cluster.ts';
import { Misused, Told } from '../told.ts';

export const restore: Command = {
  name: 'restore',
  summary: 'make a new Database from a backup; the old one is not touched',
  operands: 'NEW-NAME',
  text: `Makes the Database NEW-NAME with bootstrap.recovery. Its spec is that of the Database that was backed up, or of the
one that --like names when that is gone.`,
  flags: [
    { name: 'from', value: 'BACKUP', help: 'a DatabaseBackup that has completed' },
    { name: 'like', value: 'NAME', help: 'Database whose spec is taken' },
    { name: 'time', value: 'TIME', help: 'moment to which the data is brought, RFC 3339' },
    { name: 'dry-run', help: 'print the manifest and make nothing' },
    ...waitFlags,
    ...clusterFlags,
  ],
  completes: [],
  async run(call) {
    const [name, extra] = call.operands;
    const from = call.value('from');
    if (name === undefined || extra !== undefined)
      throw new Misused('the name of the new Database is missing, or is not one');
    if (from === undefined) throw new Misused('--from is missing: the DatabaseBackup to restore');
    const time = call.value('time');
    if (time !== undefined && readTime(time) === undefined)
      throw new Misused('--time must be a time such as 2026-01-31T12:00:00Z');
    const cluster = await call.cluster();
    const { namespace, client } = cluster;
    const backup = (await find(cluster, backups, from)) as DatabaseBackup;
    const like = call.value('like') ?? backup.spec.databaseRef.name;
    const source = await client.get({
      resource: databases,
      namespace: sourceNamespace(backup, like, namespace),
      name: like,
    });
    if (source === undefined) {
      const known = (await listAll(cluster, databases, { namespace })).map(({ metadata }) => metadata.name);
      throw new Told(
        `${notFound('Database', like, `namespace ${namespace}`, known)}\n--like names one whose spec is taken`,
      );
    }
    const object = restored(source as Database, { name, namespace, from, ...(time !== undefined && { time }) });
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

const sourceNamespace = ({ spec }: DatabaseBackup, like: string, namespace: string): string =>
  like === spec.databaseRef.name ? (spec.databaseRef.namespace ?? namespace) : namespace;

/** What belongs to the life of the old one, and is not taken over. */
const ownLife = new Set(['hibernate', 'paused', 'bootstrap']);

export function restored(
  { spec }: Pick<Database, 'spec'>,
  {
    name,
    namespace,
    from,
    time,
  }: { readonly name: string; readonly namespace: string; readonly from: string; readonly time?: string },
): Database & KubernetesObject {
  const kept = Object.fromEntries(Object.entries(spec).filter(([field]) => !ownLife.has(field))) as DatabaseSpec;
  const recovery = { backupRef: { name: from }, ...(time !== undefined && { targetTime: time }) };
  const wanted: DatabaseSpec = { ...kept, bootstrap: { recovery } };
  return {
    apiVersion: apiVersion(databases) as 'example.com/v1',
    kind: 'Database',
    metadata: { name, namespace },
    spec: wanted,
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
