/** Roles of pods and restarts: replicas before the primary, the highest ordinal first. */
import type { KubernetesObject } from '../api/object.ts';
import { Pod, refOf } from '../api/resources.ts';
import { podHashAnnotation, roleLabel } from '../desired/names.ts';
import { ordinalOf, shapeOf } from './observed.ts';
import type { Observed, Target } from './observed.ts';
import type { Step } from './step.ts';

export function planPods(observed: Observed, target: Target): readonly Step[] {
  const set = target.objects.find(({ resource }) => resource.kind === 'StatefulSet')?.object;
  if (set === undefined) return [];
  const shape = shapeOf(set);
  const ordinal = (pod: KubernetesObject): number => ordinalOf(set.metadata.name, pod.metadata.name) ?? -1;
  const members = observed.pods.filter((pod) => ordinal(pod) >= 0 && ordinal(pod) < shape.replicas);
  const isPrimary = (pod: KubernetesObject): boolean => pod.metadata.name === target.primary;
  members.sort((a, b) => Number(isPrimary(a)) - Number(isPrimary(b)) || ordinal(b) - ordinal(a));
  const due = members.filter((pod) => pod.metadata.annotations?.[podHashAnnotation] !== shape.podHash);
  return [
    ...members.flatMap((pod) => labelRole(pod, isPrimary(pod) ? 'primary' : 'replica')),
    ...due.map((pod): Step => restart(pod, isPrimary(pod))),
  ];
}

function labelRole(pod: KubernetesObject, role: 'primary' | 'replica'): readonly Step[] {
  const { name, uid, labels, deletionTimestamp } = pod.metadata;
  if (labels?.[roleLabel] === role || deletionTimestamp !== undefined) return [];
  const patch = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: `/metadata/labels/${roleLabel}`, value: role },
  ];
  return [{ action: 'patch', ref: refOf(Pod, pod), patch, impact: 'none', why: `${name} is the ${role}` }];
}

/** A primary that restarts is away until it is back: nobody takes over in the meantime. */
const restart = (pod: KubernetesObject, isPrimary: boolean): Step => ({
  action: 'restartPod',
  ref: refOf(Pod, pod),
  uid: pod.metadata.uid ?? '',
  impact: isPrimary ? 'downtime' : 'restart',
  why: `${pod.metadata.name} restarts to take over what can't be changed in a running server`,
});
