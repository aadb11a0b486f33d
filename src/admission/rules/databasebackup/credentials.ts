import type { DatabaseBackup } from '../../../api/types.generated.ts';
import { credentialKeys, secretFindings } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, databaseBackup, secret, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof databaseBackup> =>
  databaseBackup({ destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } });

export const scheduledBackupCredentials: Rule<DatabaseBackup> = {
  id: 'BK025',
  title: 'credentials of the bucket are there',
  kind: 'DatabaseBackup',
  on: writes,
  needs: 'spec.destination.s3.credentialsSecret',
  why: 'Without the two keys every upload is refused.',
  remedy: 'Make the Secret with the keys access-key-id and secret-access-key.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, facts }) =>
    secretFindings(
      'spec.destination.s3.credentialsSecret',
      { namespace: namespaceOf(object), name: object.spec.destination?.s3?.credentialsSecret, keys: credentialKeys },
      facts,
    ),
  accepted: [
    {
      title: 'both keys',
      object: to({ credentialsSecret: 'bucket' }),
      facts: cluster([database(), secret('bucket', ['access-key-id', 'secret-access-key'])]),
    },
  ],
  refused: [
    {
      title: 'none of them',
      object: to({ credentialsSecret: 'bucket' }),
      facts: cluster([database(), secret('bucket', ['user'])]),
    },
  ],
};
