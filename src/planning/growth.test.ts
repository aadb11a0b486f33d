import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import type { AutoGrowSpec } from '../api/types.generated.ts';
import { growth, type GrowthInput, type MeasuredVolume } from './growth.ts';

const GiB = 2 ** 30;
const claim = (requested: string, capacity = requested): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data-o-0' },
  spec: { resources: { requests: { storage: requested } } },
  status: capacity === '' ? {} : { capacity: { storage: capacity } },
});
const used = (gib: number, of = 10, capacity = `${of}Gi`): MeasuredVolume => ({
  usedBytes: gib * GiB,
  sizeBytes: of * GiB,
  capacity,
});
const auto = (more: Partial<AutoGrowSpec> = {}): AutoGrowSpec => ({ max: '100Gi', threshold: 80, ...more });

interface Row {
  readonly title: string;
  readonly autoGrow?: AutoGrowSpec;
  readonly claims?: readonly KubernetesObject[];
  readonly uses?: readonly MeasuredVolume[];
  readonly more?: Partial<GrowthInput>;
  readonly storage: string;
  readonly held?: RegExp;
}

const rows: readonly Row[] = [
  { title: 'what the spec says, without it', claims: [claim('20Gi')], uses: [used(19, 20)], storage: '10Gi' },
  { title: 'nothing is full', autoGrow: auto(), uses: [used(7.9)], storage: '10Gi' },
  { title: 'by a fifth when nothing else is said', autoGrow: auto(), uses: [used(8)], storage: '12Gi' },
  { title: 'by the increment', autoGrow: auto({ increment: '5Gi' }), uses: [used(9)], storage: '15Gi' },
  {
    title: 'never beyond the maximum',
    autoGrow: auto({ increment: '5Gi', max: '11Gi' }),
    uses: [used(9)],
    storage: '11Gi',
  },
  { title: 'from its own threshold on', autoGrow: auto({ threshold: 50 }), uses: [used(5)], storage: '12Gi' },
  {
    title: 'every volume when one is full',
    autoGrow: auto(),
    claims: [claim('10Gi'), claim('10Gi')],
    uses: [used(1), used(9)],
    storage: '12Gi',
  },
  {
    title: 'what it has grown to stays',
    autoGrow: auto(),
    claims: [claim('12Gi')],
    uses: [used(8, 12)],
    storage: '12Gi',
  },
  {
    title: 'a new member gets what the others have grown to',
    autoGrow: auto(),
    claims: [claim('12Gi'), claim('10Gi', '')],
    uses: [used(9, 12)],
    storage: '12Gi',
  },
  {
    title: 'not again before the last growth is there',
    autoGrow: auto(),
    claims: [claim('12Gi', '10Gi')],
    uses: [used(9)],
    storage: '12Gi',
  },
  {
    title: 'not by what was measured before the last growth',
    autoGrow: auto(),
    claims: [claim('12Gi')],
    uses: [used(9, 10)],
    storage: '12Gi',
  },
  {
    title: 'not for a volume without a limit of its own, which shows the disk of its node',
    autoGrow: auto(),
    uses: [used(200, 250, '10Gi')],
    storage: '10Gi',
  },
  {
    title: 'a server that is down for want of room, though nobody can measure',
    autoGrow: auto(),
    more: { outOfRoom: ['o-0'] },
    storage: '12Gi',
  },
  {
    title: 'at the maximum',
    autoGrow: auto({ max: '12Gi' }),
    claims: [claim('12Gi')],
    uses: [used(11, 12)],
    storage: '12Gi',
    held: /o-0.*reached spec\.storage\.autoGrow\.max, 12Gi.*raise/,
  },
  {
    title: 'a maximum that was lowered shrinks nothing',
    autoGrow: auto({ max: '11Gi' }),
    claims: [claim('20Gi')],
    uses: [used(19, 20)],
    storage: '20Gi',
    held: /11Gi/,
  },
  {
    title: 'a class that lets no volume grow',
    autoGrow: auto(),
    uses: [used(9)],
    more: { rigidClass: 'local' },
    storage: '10Gi',
    held: /StorageClass local lets no volume grow/,
  },
  {
    title: 'a size that was raised by hand',
    autoGrow: auto(),
    more: { size: '30Gi' },
    uses: [used(9)],
    storage: '30Gi',
  },
  {
    title: 'a size in other units',
    autoGrow: auto({ increment: 2e9 }),
    more: { size: '10G' },
    claims: [claim('10G')],
    uses: [used(9, 10, '10G')],
    storage: '11718750Ki',
  },
];

describe('how large volumes are to be', () => {
  for (const { title, autoGrow, claims = [claim('10Gi')], uses = [], more, storage, held } of rows) {
    it(title, () => {
      const pods = <T>(all: readonly T[]): Map<string, T> => new Map(all.map((one, ordinal) => [`o-${ordinal}`, one]));
      const found = growth({
        size: '10Gi',
        autoGrow,
        claims: pods(claims),
        measured: pods(uses),
        outOfRoom: [],
        rigidClass: undefined,
        ...more,
      });
      assert.equal(found.storage, storage);
      const { members = [], why = '', action = '' } = found.held ?? {};
      const told = `${members.join()} ${why} ${action}`;
      if (held === undefined) assert.equal(found.held, undefined, told);
      else assert.match(told, held);
    });
  }
});
