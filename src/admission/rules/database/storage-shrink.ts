import type { Database } from '../../../api/types.generated.ts';
import { getIn } from '../../json.ts';
import type { Rule } from '../../rule.ts';
import { shrinkFault } from '../checks/storage.ts';
import { database } from '../examples.ts';

export const storageShrink: Rule<Database> = {
  id: 'DB042',
  title: 'storage never shrinks',
  kind: 'Database',
  on: ['UPDATE'],
  why: 'No volume in Kubernetes can be made smaller; the change could never come true.',
  remedy: 'Put the old size or a larger one; for a smaller one make a new Database and move the data.',
  since: '0.1.0',
  severity: 'deny',
  check({ object, oldObject, written }) {
    const isOlder = object.spec.size !== undefined && getIn(written, ['spec', 'storage', 'size']) === undefined;
    const field = isOlder ? 'spec.size' : 'spec.storage.size';
    const used = oldObject?.status?.storage?.used;
    const fault = shrinkFault(field, oldObject?.spec.storage?.size, object.spec.storage?.size, {
      used,
      instead: 'make a smaller Database and move the data',
    });
    return fault === undefined ? [] : [fault];
  },
  accepted: [
    { title: 'grows', object: database({ storage: { size: '20Gi' } }), oldObject: database() },
    {
      title: 'the same size, written otherwise',
      object: database({ storage: { size: '10240Mi' } }),
      oldObject: database(),
    },
  ],
  refused: [
    { title: 'shrinks', object: database({ storage: { size: '5Gi' } }), oldObject: database() },
    {
      title: 'shrinks by the older spelling',
      object: database({ storage: undefined, size: '5Gi' }),
      oldObject: database({ storage: { size: '10Gi' }, size: '10Gi' }),
    },
  ],
};
