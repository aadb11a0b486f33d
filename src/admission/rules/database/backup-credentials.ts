import type { Database } from '../../../api/types.generated.ts';
import { credentialKeys, secretFindings } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, secret, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

const to = (s3: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ backup: { enabled: true, destination: { s3: { bucket: 'backups', region: 'eu-central-1', ...s3 } } } });

export const backupCredentials: Rule<Database> = {
  id: 'DB072',
  title: 'credentials of the bucket are there',
  kind: 'Database',
  on: writes,
  needs: 'spec.backup.destination.s3.credentialsSecret',
  why: 'Without the two keys every upload is refused, at night, by a Job that nobody watches.',
  remedy: 'Make the Secret with the keys access-key-id and secret-access-key.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, facts }) =>
    secretFindings(
      'spec.backup.destination.s3.credentialsSecret',
      {
        namespace: namespaceOf(object),
        name: object.spec.backup?.destination?.s3?.credentialsSecret,
        keys: credentialKeys,
      },
      facts,
    ),
  accepted: [
    {
      title: 'both keys',
      object: to({ credentialsSecret: 'bucket' }),
      facts: cluster([secret('bucket', ['access-key-id', 'secret-access-key'])]),
    },
  ],
  refused: [
    {
      title: 'one key',
      object: to({ credentialsSecret: 'bucket' }),
      facts: cluster([secret('bucket', ['access-key-id'])]),
    },
  ],
};
