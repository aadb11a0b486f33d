import type { Database } from '../../../api/types.generated.ts';
import { endpointWarnings } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ backup: { enabled: true, destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } } });

export const backupEndpointRisk: Rule<Database> = {
  id: 'DB069',
  title: 'S3 endpoint is risky',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.destination.s3',
  why: 'Plain http shows backups and keys to the network, and services other than Amazon know no pod identity.',
  remedy: 'Use https, and name a credentialsSecret.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const s3 = object.spec.backup?.destination?.s3;
    return s3 === undefined ? [] : endpointWarnings('spec.backup.destination.s3', s3);
  },
  accepted: [{ title: 'Amazon', object: to({}) }],
  refused: [{ title: 'plain http', object: to({ endpoint: 'http://minio:9000' }) }],
};
