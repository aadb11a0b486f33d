import type { Database } from '../../../api/types.generated.ts';
import { bucketFault } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ backup: { enabled: true, destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } } });

export const backupBucket: Rule<Database> = {
  id: 'DB067',
  title: 'bucket has a possible name',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.destination.s3.bucket',
  why: 'No S3 service has a bucket of another form: every upload would fail.',
  remedy: 'Use 3 to 63 lower-case letters, digits, dots and hyphens, without s3://.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const s3 = object.spec.backup?.destination?.s3;
    const fault = s3?.bucket === undefined ? undefined : bucketFault('spec.backup.destination.s3.bucket', s3.bucket);
    return fault === undefined ? [] : [fault];
  },
  accepted: [{ title: 'plain', object: to({}) }],
  refused: [
    { title: 'a URL', object: to({ bucket: 's3://backups' }) },
    { title: 'an address', object: to({ bucket: '10.0.0.1' }) },
    { title: 'two dots', object: to({ bucket: 'back..ups' }) },
  ],
};
