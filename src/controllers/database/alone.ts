/**
 * Whether a pod may still have the list of members mounted that was written when it was alone. Its server takes writes by
 * itself when it is started again, so nobody may take over from it until the list has surely come around.
 */
import type { KubernetesObject } from '../../api/object.ts';
import { topologyName } from '../../desired/names.ts';
import { childOf } from './observation.ts';
import type { Observation } from './observation.ts';

/**
 * How long a mounted ConfigMap may be behind, in milliseconds: the kubelet looks at a pod again after its syncFrequency of one
 * minute and up to half of that more, then at its cache.
 */
const MOUNT_LAG_MS = 120_000;
/** Between the decision, whose time is recorded, and the write; clocks that differ are in it. */
const WRITE_LAG_MS = 30_000;

export interface TopologyData {
  readonly initialized?: string;
  readonly reseed?: string;
  readonly members?: string;
  readonly peersSince?: string;
}

export const topologyData = (observation: Observation): TopologyData | undefined =>
  childOf(observation, 'ConfigMap', topologyName(observation.stored.metadata.name))?.['data'] as
    TopologyData | undefined;

const hasSeveral = ({ members = '' }: TopologyData): boolean => members.trim().split(/\s+/).length > 1;

/**
 * What the list of members says from now on of when peers came, RFC 3339. Undefined: no pod has ever mounted one without
 * them. A list that somebody deleted may have been any.
 */
export function peersSinceIn(observation: Observation, now: Date): string | undefined {
  const written = topologyData(observation);
  if (written !== undefined && hasSeveral(written)) return written.peersSince;
  const isNew =
    written === undefined && childOf(observation, 'StatefulSet', observation.stored.metadata.name) === undefined;
  return isNew ? undefined : now.toISOString();
}

/** To be asked of the first member only: no other is ever alone. */
export function mayBeginAlone(pod: KubernetesObject, observation: Observation, now: Date): boolean {
  const since = Date.parse(peersSinceIn(observation, now) ?? '');
  const madeAt = Date.parse(pod.metadata.creationTimestamp ?? '') || 0;
  return madeAt < since + WRITE_LAG_MS && now.getTime() < since + WRITE_LAG_MS + MOUNT_LAG_MS;
}
