import type { Database } from '../../../api/types.generated.ts';
import type { Rule } from '../../rule.ts';
import { getIn } from '../../json.ts';
import { sizeFault } from '../checks/storage.ts';
import { database, writes } from '../examples.ts';

export const storageSize: Rule<Database> = {
  id: 'DB040',
  title: 'storage size is a possible size',
  kind: 'Database',
  on: writes,
  why: 'It becomes the request of a volume: Kubernetes must understand it, and the engine must be able to start on it.',
  remedy: 'Write a quantity between 256Mi and 16Ti, such as 10Gi. K is written Ki or k, GB is Gi or G.',
  since: '0.1.0',
  severity: 'deny',
  check({ object: { spec }, written }) {
    const isOlder = spec.size !== undefined && getIn(written, ['spec', 'storage', 'size']) === undefined;
    const fault = isOlder ? sizeFault('spec.size', spec.size) : sizeFault('spec.storage.size', spec.storage?.size);
    return fault === undefined ? [] : [fault];
  },
  accepted: [
    { title: 'binary', object: database({ storage: { size: '10Gi' } }) },
    { title: 'decimal', object: database({ storage: { size: '5G' } }) },
    { title: 'a whole number of bytes', object: database({ storage: { size: 10_737_418_240 } }) },
    { title: 'the older spelling', object: database({ storage: undefined, size: '3Gi' }) },
  ],
  refused: [
    { title: 'K is no unit', object: database({ storage: { size: '500000K' } }) },
    { title: 'GB is no unit', object: database({ storage: { size: '10GB' } }) },
    { title: 'ten bytes', object: database({ storage: { size: 10 } }) },
    { title: 'nothing', object: database({ storage: { size: '0' } }) },
    { title: 'less than nothing', object: database({ storage: undefined, size: '-1Gi' }) },
    { title: 'more than a volume can be', object: database({ storage: { size: '20Ti' } }) },
  ],
};
