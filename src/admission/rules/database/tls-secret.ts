import type { Database } from '../../../api/types.generated.ts';
import { secretFindings } from '../checks/destination.ts';
import type { Rule } from '../../rule.ts';
import { cluster, database, secret, writes } from '../examples.ts';
import { namespaceOf } from '../read.ts';

export const tlsSecret: Rule<Database> = {
  id: 'DB140',
  title: 'certificate is there',
  kind: 'Database',
  on: writes,
  needs: 'spec.tls.certificateSecret',
  why: 'A server without its key does not start.',
  remedy: 'Make a Secret of type kubernetes.io/tls with tls.crt and tls.key, by cert-manager for one.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object, facts }) =>
    secretFindings(
      'spec.tls.certificateSecret',
      { namespace: namespaceOf(object), name: object.spec.tls?.certificateSecret, keys: ['tls.crt', 'tls.key'] },
      facts,
    ),
  accepted: [
    {
      title: 'certificate and key',
      object: database({ tls: { certificateSecret: 'orders-tls' } }),
      facts: cluster([secret('orders-tls', ['tls.crt', 'tls.key', 'ca.crt'])]),
    },
  ],
  refused: [
    {
      title: 'no key',
      object: database({ tls: { certificateSecret: 'orders-tls' } }),
      facts: cluster([secret('orders-tls', ['tls.crt'])]),
    },
  ],
};
