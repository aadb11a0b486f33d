/** The order as it was written to the file; faults name the field. */
import type { BackupOrder, BackupVerb } from '../api/backup-order.ts';
import { BackupFault } from '../engines/backup.ts';

const verbs: readonly string[] = [
  'backup',
  'restore',
  'verify',
  'prune',
  'inspect',
  'archive',
  'recover',
] satisfies BackupVerb[];

export function readOrder(text: string): BackupOrder {
  let order: Partial<BackupOrder>;
  try {
    order = JSON.parse(text) as Partial<BackupOrder>;
  } catch (error) {
    throw new BackupFault('InvalidOrder', 'the order is not JSON', { cause: error });
  }
  const wrong = faults(order).find((fault) => fault !== undefined);
  if (wrong !== undefined) throw new BackupFault('InvalidOrder', `the order's field ${wrong}`);
  return order as BackupOrder;
}

const faults = (order: Partial<BackupOrder>): readonly (string | undefined)[] => [
  (order.version as number | undefined) === 1
    ? undefined
    : 'version must be 1: operator and agent must be of the same release',
  verbs.includes(order.verb ?? '') ? undefined : `verb must be one of ${verbs.join(', ')}`,
  typeof order.engine === 'string' ? undefined : 'engine is missing',
  isPart(order.database?.namespace) && isPart(order.database?.name) ? undefined : 'database needs namespace and name',
  storageFault(order.storage),
  order.who === undefined || isPart(order.who) ? undefined : 'who must be a DNS label',
  needsServer(order.verb) && order.server === undefined ? `server is needed by ${order.verb ?? ''}` : undefined,
];

const needsServer = (verb: string | undefined): boolean => ['backup', 'restore', 'archive'].includes(verb ?? '');

function storageFault(storage: BackupOrder['storage'] | undefined): string | undefined {
  if ((storage?.directory === undefined) === (storage?.s3 === undefined))
    return 'storage needs one of directory and s3';
  return storage?.s3?.bucket === '' ? 'storage.s3.bucket is empty' : undefined;
}

/** Part of a path that leads nowhere else. */
const isPart = (text: string | undefined): boolean =>
  text !== undefined && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text);
