import type { Database } from '../../../api/types.generated.ts';
import { engineOf } from '../read.ts';
import { forbidden } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const field = 'spec.backup.pointInTime';
const to = (spec: Readonly<Record<string, unknown>>, backup: Readonly<Record<string, unknown>> = {}) =>
  database({
    ...spec,
    backup: {
      ...{ enabled: true, pointInTime: true, destination: { s3: { bucket: 'backups', region: 'eu-central-1' } } },
      ...backup,
    },
  });

/** PostgreSQL from 13 on can be told how much of its log to keep for those who read it. */
const oldest = 13;

export const backupPointInTime: Rule<Database> = {
  id: 'DB079',
  title: 'the log can be stored between backups',
  kind: 'Database',
  on: writes,
  needs: field,
  why: 'The log is stored beside the backups of spec.backup in a bucket, and this release can do that with PostgreSQL 13 and newer.',
  remedy: 'Enable spec.backup with a bucket as its destination, or remove pointInTime.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { backup, version = '' } = object.spec;
    if (backup?.pointInTime !== true) return [];
    const engine = engineOf(object);
    if (engine !== undefined && engine.runtime?.backup?.log === undefined) {
      return [forbidden(field, `the log of ${engine.title} can not be stored by this release; remove it`)];
    }
    if (/^\d+/.test(version) && Number.parseInt(version, 10) < oldest) {
      return [forbidden(field, `needs PostgreSQL ${oldest} or newer; remove it, or upgrade`)];
    }
    if (backup.enabled !== true) {
      return [forbidden(field, 'needs backups to begin from: set spec.backup.enabled to true, or remove it')];
    }
    if (backup.destination?.s3 !== undefined) return [];
    return [forbidden(field, 'needs a bucket: add spec.backup.destination.s3, or remove it')];
  },
  accepted: [
    { title: 'to a bucket', object: to({}) },
    { title: 'switched off', object: to({}, { pointInTime: false, destination: undefined }) },
  ],
  refused: [
    { title: 'to a volume', object: to({}, { destination: { pvc: { size: '20Gi' } } }) },
    { title: 'without backups', object: to({}, { enabled: false }) },
    { title: 'of Redis', object: to({ engine: 'redis', version: '8.0' }) },
    { title: 'of an old release', object: to({ version: '12.9' }) },
  ],
};
