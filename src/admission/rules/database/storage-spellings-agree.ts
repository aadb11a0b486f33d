import type { Database } from '../../../api/types.generated.ts';
import { invalid } from '../../field.ts';
import { sizesAgree } from '../../spellings.ts';
import type { Rule } from '../../rule.ts';
import { quantityOf } from '../checks/quantity.ts';
import { database, writes } from '../examples.ts';

export const storageSpellingsAgree: Rule<Database> = {
  id: 'DB043',
  title: 'size agrees with storage.size',
  kind: 'Database',
  on: writes,
  needs: 'spec.size',
  why: 'spec.size is an older spelling of spec.storage.size: two different sizes can not both be meant.',
  remedy: 'Remove spec.size.',
  since: '0.1.0',
  severity: 'deny',
  check({ object: { spec } }) {
    const { size, storage } = spec;
    if (size === undefined || storage?.size === undefined || sizesAgree(size, storage.size)) return [];
    if (quantityOf(storage.size) === undefined) return [];
    return [
      invalid(
        'spec.size',
        size,
        `must agree with spec.storage.size (${storage.size}), of which it is an older spelling; remove it`,
      ),
    ];
  },
  accepted: [
    { title: 'the same amount', object: database({ size: '10240Mi' }) },
    {
      title: 'one of them changed: the other follows',
      object: database({ size: '10Gi', storage: { size: '20Gi' } }),
      oldObject: database({ size: '10Gi' }),
    },
  ],
  refused: [
    { title: 'two sizes', object: database({ size: '20Gi' }) },
    {
      title: 'both changed, to different sizes',
      object: database({ size: '30Gi', storage: { size: '20Gi' } }),
      oldObject: database({ size: '10Gi' }),
    },
  ],
};
