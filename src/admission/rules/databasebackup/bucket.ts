import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { bucketFault } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof databaseBackup> =>
  databaseBackup({ destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } });

export const scheduledBackupBucket: Rule<DatabaseBackup> = {
  id: 'BK021',
  title: 'bucket has a possible name',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.destination.s3.bucket',
  why: 'No S3 service has a bucket of another form.',
  remedy: 'Use 3 to 63 lower-case letters, digits, dots and hyphens, without s3://.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const bucket = object.spec.destination?.s3?.bucket;
    const fault = bucket === undefined ? undefined : bucketFault('spec.destination.s3.bucket', bucket);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'plain', object: to({}) }],
  refused: [
    { title: 'capitals', object: to({ bucket: 'Backups' }) },
    { title: 'an alias', object: to({ bucket: 'backups-s3alias' }) },
  ],
};
