import type { Database } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { compare, positiveQuantityFault } from '../checks/quantity.ts';
import { database, writes } from '../examples.ts';

const grow = (autoGrow: Readonly<Record<string, unknown>>): ReturnType<typeof database> =>
  database({ storage: { size: '10Gi', autoGrow } });

export const storageAutoGrow: Rule<Database> = {
  id: 'DB047',
  title: 'automatic growth has room to grow',
  kind: 'Database',
  on: writes,
  needs: 'spec.storage.autoGrow',
  why: 'Growth that ends below the present size, or goes by nothing, would never happen when it is needed.',
  remedy: 'Set max above storage.size, and increment to a positive quantity.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { size, autoGrow } = object.spec.storage ?? {};
    if (autoGrow === undefined) return [];
    const field = 'spec.storage.autoGrow';
    const increment = positiveQuantityFault(`${field}.increment`, autoGrow.increment, '10Gi');
    const max = positiveQuantityFault(`${field}.max`, autoGrow.max, '100Gi');
    const findings = [increment, max].filter((fault) => fault !== undefined);
    if (max === undefined && (compare(autoGrow.max, size) ?? 1) <= 0) {
      findings.push(
        invalid(`${field}.max`, autoGrow.max, `must be more than spec.storage.size (${size ?? ''}), or it never grows`),
      );
    }
    return findings;
  },
  accepted: [{ title: 'up to ten times', object: grow({ max: '100Gi', increment: '10Gi' }) }],
  refused: [
    { title: 'ends where it begins', object: grow({ max: '10Gi' }) },
    { title: 'by nothing', object: grow({ max: '100Gi', increment: 0 }) },
  ],
};
