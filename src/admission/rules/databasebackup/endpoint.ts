import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { endpointFaults } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof databaseBackup> =>
  databaseBackup({ destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } });

export const scheduledBackupEndpoint: Rule<DatabaseBackup> = {
  id: 'BK022',
  title: 'S3 service can be found',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.destination.s3',
  why: 'Without a region Amazon does not answer; what is no URL is no endpoint.',
  remedy: 'Give the region for Amazon S3, or the URL of another service as endpoint.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const s3 = object.spec.destination?.s3;
    return s3 === undefined ? [] : endpointFaults('spec.destination.s3', s3);
  },
  accepted: [{ title: 'Amazon', object: to({}) }],
  refused: [
    { title: 'neither', object: databaseBackup({ destination: { s3: { bucket: 'backups' } } }) },
    { title: 'no host', object: to({ endpoint: 'https://' }) },
  ],
};
