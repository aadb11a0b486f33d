/** `backup NAME`: one backup now. */
import { getCondition } from '../../api/conditions.ts';
import type { KubernetesObject } from '../../api/object.ts';
import { apiVersion, DatabaseBackup as backups } from '../../api/resources.ts';
import type { Database, DatabaseBackup } from '../../api/types.generated.ts';
import { create } from '../change.ts';
import { clusterFlags, waitFlags, type Command } from '../command.ts';
import { follow, type Outcome } from '../follow.ts';
import { findDatabase, onlyName } from '../lookup.ts';
import { readableQuantity } from '../status/parts.ts';
import { duration } from '../style.ts';

export const backup: Command = {
  name: 'backup',
  summary: 'make one backup of a Database now',
  operands: 'NAME',
  text: `Makes a DatabaseBackup and follows it. It goes where spec.backup.destination of the Database says.`,
  flags: [
    { name: 'name', value: 'NAME', help: 'name of the DatabaseBackup (default: made of the Database and the time)' },
    { name: 'verify', help: 'restore it into a throw-away server as proof' },
    { name: 'retention', value: 'AGE', help: 'how long it is kept, such as 90d (default 30d)' },
    ...waitFlags,
    ...clusterFlags,
  ],
  completes: ['database'],
  async run(call) {
    onlyName(call);
    const { cluster, database } = await findDatabase(call);
    const retention = call.value('retention');
    const object = backupOf(database, {
      now: call.world.now(),
      verify: call.is('verify'),
      ...(call.value('name') !== undefined && { name: call.value('name') }),
      ...(retention !== undefined && { retention }),
    });
    const { name } = object.metadata;
    await create(call, cluster, backups, object);
    call.world.stderr(`DatabaseBackup ${name} is made\n`);
    if (!call.is('wait', true)) {
      call.world.stdout(`${name}\n`);
      return 0;
    }
    return follow(call, cluster, { resource: backups, name, judge: judgeBackup }, new Set());
  },
};

/** At most 45 characters, as admission wants it; the time is the part that tells two apart. */
const longestName = 45;

export function backupOf(
  { metadata, spec }: Database,
  options: {
    readonly now: Date;
    readonly name?: string | undefined;
    readonly verify: boolean;
    readonly retention?: string;
  },
): DatabaseBackup & KubernetesObject {
  const stamp = options.now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const name = options.name ?? `${metadata.name.slice(0, longestName - stamp.length - 1)}-${stamp}`;
  const { destination } = spec.backup ?? {};
  return {
    apiVersion: apiVersion(backups) as 'example.com/v1',
    kind: 'DatabaseBackup',
    metadata: { name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) },
    spec: {
      databaseRef: { name: metadata.name },
      ...(destination !== undefined && { destination }),
      ...(options.verify && { verify: { enabled: true } }),
      ...(options.retention !== undefined && { retention: options.retention }),
    },
  };
}

export function judgeBackup(object: KubernetesObject): Outcome {
  const { metadata, status } = object as unknown as DatabaseBackup;
  const { phase, conditions = [] } = status ?? {};
  const ready = getCondition(conditions, 'Ready');
  if (ready?.reason === 'KindNotSupported') return { failed: `${metadata.name}: ${ready.message}` };
  if (phase === 'Completed') return { done: `${metadata.name} is complete${resultOf(status ?? {})}` };
  if (phase !== 'Failed') return undefined;
  const why = conditions.find((condition) => condition.status === 'False' && condition.type !== 'Progressing');
  return { failed: `the backup failed: ${why?.message ?? `kubectl describe databasebackup ${metadata.name}`}` };
}

function resultOf({ start, end, size, location }: NonNullable<DatabaseBackup['status']>): string {
  const took = Date.parse(end ?? '') - Date.parse(start ?? '');
  return [
    ...(size === undefined ? [] : [`, ${readableQuantity(size)}`]),
    ...(Number.isNaN(took) ? [] : [` in ${duration(took)}`]),
    ...(location === undefined ? [] : [`, at ${location}`]),
  ].join('');
}
