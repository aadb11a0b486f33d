import type { Database } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { expectedName, oneOf } from '../read.ts';

const suffixes = ['-primary', '-readonly', '-headless'] as const;

export const nameReserved: Rule<Database> = {
  id: 'DB051',
  title: 'name does not end like a Service',
  kind: 'Database',
  on: writes,
  why: 'Service "orders-primary" of the Database "orders" and Service "orders-primary" of a Database of that name would be one.',
  remedy: 'Choose a name that does not end in -primary, -readonly or -headless.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const name = expectedName(object);
    const suffix = suffixes.find((end) => name.endsWith(end));
    if (suffix === undefined) return [];
    return [
      invalid(
        'metadata.name',
        name,
        `must not end in ${oneOf(suffixes)}: Services of the Database "${name.slice(0, -suffix.length)}" are named so`,
      ),
    ];
  },
  accepted: [{ title: 'the word in the middle', object: database({}, 'primary-orders') }],
  refused: [{ title: 'the name of a Service', object: database({}, 'shop-primary') }],
};
