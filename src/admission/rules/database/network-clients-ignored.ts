import type { Database } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const network = (networkPolicy: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ networkPolicy });

export const networkClientsIgnored: Rule<Database> = {
  id: 'DB132',
  title: 'clients without a network policy',
  kind: 'Database',
  on: writes,
  needs: 'spec.networkPolicy.enabled',
  why: 'Somebody who lists clients expects the others to be kept out; with enabled: false nobody is.',
  remedy: 'Set spec.networkPolicy.enabled to true, or remove clients.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { enabled, clients = [] } = object.spec.networkPolicy ?? {};
    if (enabled !== false || clients.length === 0) return [];
    return [
      invalid(
        'spec.networkPolicy.enabled',
        false,
        'keeps nobody out, although clients are listed; set it to true or remove clients',
      ),
    ];
  },
  accepted: [{ title: 'enabled', object: network({ enabled: true, clients: [{ podSelector: {} }] }) }],
  refused: [{ title: 'listed and off', object: network({ enabled: false, clients: [{ podSelector: {} }] }) }],
};
