/**
 * How large the volumes are to be: what the spec says or, where they may grow by themselves, what they have grown to
 * (docs/adr/0012). That is read from the claims, so nothing has to be remembered and the spec stays its owner's. All
 * members' volumes get the same size: they hold the same data.
 */
import type { KubernetesObject } from '../api/object.ts';
import type { AutoGrowSpec } from '../api/types.generated.ts';
import type { VolumeUse } from '../engines/volume-use.ts';
import { bytesOf, formatBytes } from '../values/quantity-use.ts';
import { capacityOf, requestedStorage } from './observed.ts';

export interface MeasuredVolume extends Pick<VolumeUse, 'usedBytes' | 'sizeBytes'> {
  /** Of the claim when this was measured, as a quantity. */
  readonly capacity: string;
}

export interface GrowthInput {
  /** `spec.storage.size`. */
  readonly size: string;
  /** With its defaults. Undefined: volumes have the size of the spec. */
  readonly autoGrow: AutoGrowSpec | undefined;
  /** Claims of the members, by name of the pod. */
  readonly claims: ReadonlyMap<string, KubernetesObject>;
  readonly measured: ReadonlyMap<string, MeasuredVolume>;
  /** Pods whose server says that there is no room left; it may be down and not be asked any more. */
  readonly outOfRoom: readonly string[];
  /** Name of the claims' StorageClass when it is known that it lets no volume grow. */
  readonly rigidClass: string | undefined;
}

export interface Growth {
  /** What each volume is to have at least, as a quantity. */
  readonly storage: string;
  /** Volumes are nearly full and don't grow: which, and why. */
  readonly held?: { readonly members: readonly string[]; readonly why: string; readonly action: string };
}

const DEFAULT_THRESHOLD = 80;
const MiB = 1 << 20;
/** A volume without a limit of its own (a directory of the node) shows the file system that it lies on: growing it gains nothing. */
const OWN_LIMIT = 1.1;

export function growth(input: GrowthInput): Growth {
  const { size, autoGrow, claims, rigidClass } = input;
  if (autoGrow === undefined) return { storage: size };
  const { threshold = DEFAULT_THRESHOLD, increment, max } = autoGrow;
  const requests = [...claims.values()].flatMap((claim) => requestedStorage(claim) ?? []).map(String);
  const storage = [size, ...requests].reduce((largest, one) => (bytes(one) > bytes(largest) ? one : largest));
  const full = [...claims.keys()].filter((pod) => isFull(pod, threshold, input));
  // What was asked for has to be there before more is asked for.
  const isUnderWay = [...claims.values()].some((claim) => bytes(capacityOf(claim) ?? '0') < bytes(storage));
  if (full.length === 0 || isUnderWay) return { storage };
  if (rigidClass !== undefined) {
    const action = 'make room, or make a larger Database on another class and move the data';
    return { storage, held: { members: full, why: `StorageClass ${rigidClass} lets no volume grow`, action } };
  }
  if (bytes(storage) >= bytes(max)) {
    const why = `they have reached spec.storage.autoGrow.max, ${max}`;
    return { storage, held: { members: full, why, action: 'raise spec.storage.autoGrow.max, or make room' } };
  }
  const step = increment === undefined ? Math.ceil(bytes(storage) / 5 / MiB) * MiB : bytes(increment);
  const next = bytes(storage) + step;
  return { storage: next >= bytes(max) ? String(max) : formatBytes(next) };
}

const bytes = (quantity: string | number): number => bytesOf(quantity) ?? 0;

function isFull(pod: string, threshold: number, { claims, measured, outOfRoom }: GrowthInput): boolean {
  if (outOfRoom.includes(pod)) return true;
  const use = measured.get(pod);
  const claim = claims.get(pod);
  const capacity = claim && capacityOf(claim);
  if (use === undefined || capacity === undefined || use.capacity !== capacity) return false;
  return use.sizeBytes <= bytes(capacity) * OWN_LIMIT && use.usedBytes >= (use.sizeBytes * threshold) / 100;
}
