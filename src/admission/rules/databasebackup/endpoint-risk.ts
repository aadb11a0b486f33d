import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { endpointWarnings } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { databaseBackup, writes } from '../examples.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof databaseBackup> =>
  databaseBackup({ destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } });

export const scheduledBackupEndpointRisk: Rule<DatabaseBackup> = {
  id: 'BK023',
  title: 'S3 endpoint is risky',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.destination.s3',
  why: 'Plain http shows backups and keys to the network.',
  remedy: 'Use https, and name a credentialsSecret.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const s3 = object.spec.destination?.s3;
    return s3 === undefined ? [] : endpointWarnings('spec.destination.s3', s3);
  },
  accepted: [{ title: 'Amazon', object: to({}) }],
  refused: [{ title: 'plain http', object: to({ endpoint: 'http://minio:9000' }) }],
};
