import type { Database } from '../../../api/types.generated.ts';
import { endpointFaults } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ backup: { enabled: true, destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } } });

export const backupEndpoint: Rule<Database> = {
  id: 'DB068',
  title: 'S3 service can be found',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.destination.s3',
  why: 'Without a region Amazon does not answer; what is no URL is no endpoint; credentials in a URL are seen by everyone.',
  remedy: 'Give the region for Amazon S3, or the URL of another service as endpoint.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const s3 = object.spec.backup?.destination?.s3;
    return s3 === undefined ? [] : endpointFaults('spec.backup.destination.s3', s3);
  },
  accepted: [
    { title: 'Amazon', object: to({}) },
    {
      title: 'another service',
      object: to({ region: undefined, endpoint: 'https://minio.storage.svc:9000', credentialsSecret: 'minio' }),
    },
  ],
  refused: [
    {
      title: 'neither region nor endpoint',
      object: database({ backup: { destination: { s3: { bucket: 'backups' } } } }),
    },
    { title: 'no scheme', object: to({ endpoint: 'minio.storage.svc:9000' }) },
    { title: 'credentials in the URL', object: to({ endpoint: 'https://me:secret@s3.example.org' }) },
  ],
};
