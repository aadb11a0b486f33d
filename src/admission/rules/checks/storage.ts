/** Rules about volumes that Database and RedisCluster have in common. */
import { forbidden, invalid, notChecked, warning } from '../../field.ts';
import type { Facts } from '../../facts.ts';
import type { Finding } from '../../finding.ts';
import type { OwnKind } from '../../rule.ts';
import { compare, positiveQuantityFault } from './quantity.ts';
import type { IntOrString } from './quantity.ts';
import { closest } from '../../../values/nearest.ts';

/** No engine can start on less. */
const floor = '256Mi';
const comfortable = '1Gi';
/** Most block storage ends here. */
const ceiling = '16Ti';
const example = '10Gi';

export function sizeFault(field: string, size: IntOrString | undefined): Finding | undefined {
  const fault = positiveQuantityFault(field, size, example);
  if (fault !== undefined || size === undefined) return fault;
  if ((compare(size, floor) ?? 0) < 0) {
    const unit = /^[0-9]+$/.test(String(size)) ? ', and a number without a unit is bytes' : '';
    return invalid(
      field,
      size,
      `must be at least ${floor}: no engine can start on less${unit}; write a size such as ${example}`,
    );
  }
  return (compare(size, ceiling) ?? 0) > 0
    ? invalid(field, size, `must be at most ${ceiling}: no volume is larger`)
    : undefined;
}

export function smallSize(field: string, size: IntOrString | undefined): readonly Finding[] {
  if (sizeFault(field, size) !== undefined || (compare(size, comfortable) ?? 0) >= 0) return [];
  return [
    warning(
      field,
      `${size ?? ''} is little: the engine's own files and logs take most of it; use ${comfortable} or more`,
    ),
  ];
}

/** `used` is what the fullest volume holds, where it is known. */
export function shrinkFault(
  field: string,
  before: unknown,
  after: unknown,
  { used, instead }: { readonly used?: IntOrString | undefined; readonly instead?: string } = {},
): Finding | undefined {
  if ((compare(after, before) ?? 0) >= 0) return undefined;
  const held = used === undefined ? '' : `, of which ${used} is used`;
  return forbidden(
    field,
    `a volume never shrinks: it has ${String(before)}${held}; put ${String(before)} or more${instead === undefined ? '' : `, or ${instead}`}`,
  );
}

export function classImmutable(
  field: string,
  before: string | undefined,
  after: string | undefined,
  kind: OwnKind,
): readonly Finding[] {
  if (before === undefined || after === undefined || before === after) return [];
  return [
    forbidden(
      field,
      `the class is ${before} and can't be changed: volumes can't move; put it back, or make a new ${kind} and move the data`,
    ),
  ];
}

export function classExists(field: string, name: string | undefined, facts: Facts): readonly Finding[] {
  const classes = facts.storageClasses();
  if (!classes.known)
    return name === undefined ? [] : [notChecked(field, `whether StorageClass ${name} exists`, classes.why)];
  const names = classes.value.map((known) => known.name);
  if (name === undefined) {
    if (classes.value.some(({ isDefault }) => isDefault)) return [];
    const choice = names.length === 0 ? 'ask for one to be made' : `set it to one of ${names.join(', ')}`;
    return [warning(field, `the cluster has no default StorageClass, so volumes will stay Pending; ${choice}`)];
  }
  if (names.includes(name)) return [];
  const nearest = closest(name, names);
  const choice = names.length === 0 ? 'the cluster has none' : `the cluster has ${names.join(', ')}`;
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return [
    warning(field, `StorageClass "${name}" does not exist (${choice}), so volumes stay Pending until it does${hint}`),
  ];
}

/** Growth on a class that can't expand would wait for ever. */
export function classExpands(
  field: string,
  { before, after, className }: { before: unknown; after: unknown; className: string | undefined },
  facts: Facts,
): readonly Finding[] {
  if ((compare(after, before) ?? 0) <= 0) return [];
  const classes = facts.storageClasses();
  if (!classes.known) return [notChecked(field, 'whether the StorageClass lets volumes grow', classes.why)];
  const used = classes.value.find(({ name, isDefault }) => (className === undefined ? isDefault : name === className));
  if (used === undefined || used.allowVolumeExpansion) return [];
  return [
    forbidden(
      field,
      `StorageClass ${used.name} can't grow volumes from ${String(before)} to ${String(after)}: set allowVolumeExpansion: true on the class if its driver can, or make a larger Database and move the data`,
    ),
  ];
}
