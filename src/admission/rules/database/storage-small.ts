import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { smallSize } from '../checks/storage.ts';
import { database } from '../examples.ts';

export const storageSmall: Rule<Database> = {
  id: 'DB041',
  title: 'storage is small',
  kind: 'Database',
  on: ['CREATE'],
  why: 'Below 1Gi the files of the engine itself leave little room, and a full disk stops a database.',
  remedy: 'Use 1Gi or more.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) => smallSize('spec.storage.size', object.spec.storage?.size),
  accepted: [{ title: '1Gi', object: database({ storage: { size: '1Gi' } }) }],
  refused: [{ title: '300Mi', object: database({ storage: { size: '300Mi' } }) }],
};
