/**
 * Roles of pods, restarts and the switchover that goes with them: replicas before the primary, the highest ordinal first;
 * the primary only once another has taken its place.
 */
import type { KubernetesObject } from '../api/object.ts';
import { Pod, refOf } from '../api/resources.ts';
import { podHashAnnotation, podName, roleLabel } from '../desired/names.ts';
import { ordinalOf, shapeOf } from './observed.ts';
import type { Observed, StatefulSetShape, Target } from './observed.ts';
import type { Step } from './step.ts';

export function planPods(observed: Observed, target: Target): readonly Step[] {
  const set = target.objects.find(({ resource }) => resource.kind === 'StatefulSet')?.object;
  if (set === undefined) return [];
  const shape = shapeOf(set);
  const { name } = set.metadata;
  const ordinal = (pod: KubernetesObject): number => ordinalOf(name, pod.metadata.name) ?? -1;
  const members = observed.pods.filter((pod) => ordinal(pod) >= 0 && ordinal(pod) < shape.replicas);
  // A primary that is about to go hands over first, and the lowest of those that stay is the first choice.
  const leaver = observed.pods.find((pod) => pod.metadata.name === target.primary && ordinal(pod) >= shape.replicas);
  const isLeaving = leaver !== undefined && shape.replicas > 0;
  const primary = isLeaving ? podName(name, 0) : target.primary;
  const isPrimary = (pod: KubernetesObject): boolean => pod.metadata.name === primary;
  members.sort((a, b) => Number(isPrimary(a)) - Number(isPrimary(b)) || ordinal(b) - ordinal(a));
  return [
    ...(target.roles === undefined
      ? members.flatMap((pod) => labelRole(pod, pod.metadata.name === target.primary ? 'primary' : 'replica'))
      : []),
    ...members.flatMap((pod) => hook(pod, shape)),
    ...(isLeaving ? [switchover(leaver, `${leaver.metadata.name} is beyond spec.replicas`)] : []),
    ...restarts(members.filter((pod) => pod.metadata.annotations?.[podHashAnnotation] !== shape.podHash)),
  ];

  function restarts(due: readonly KubernetesObject[]): readonly Step[] {
    return due.flatMap((pod): Step[] => {
      if (!isPrimary(pod)) return [restart(pod, 'restart')];
      if (isAlone(shape)) return [restart(pod, 'downtime')];
      return [switchover(pod, `${pod.metadata.name} is to restart`), restart(pod, 'restart')];
    });
  }
}

const isAlone = ({ replicas }: StatefulSetShape): boolean => replicas === 1;

export type Role = 'primary' | 'replica';

export function labelRole(pod: KubernetesObject, role: Role): readonly Step[] {
  const { name, uid, labels, deletionTimestamp } = pod.metadata;
  if (labels?.[roleLabel] === role || (deletionTimestamp !== undefined && role === 'primary')) return [];
  const patch = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: `/metadata/labels/${roleLabel}`, value: role },
  ];
  return [{ action: 'patch', ref: refOf(Pod, pod), patch, impact: 'none', why: `${name} is the ${role}` }];
}

/** A pod that was made by an earlier release is told what to do before a snapshot; nothing restarts for that. */
function hook({ metadata, ...pod }: KubernetesObject, { hooks }: StatefulSetShape): readonly Step[] {
  const { name, uid, annotations, deletionTimestamp } = metadata;
  const missing = Object.entries(hooks).filter(([key, value]) => annotations?.[key] !== value);
  if (missing.length === 0 || annotations === undefined || deletionTimestamp !== undefined) return [];
  const patch = [
    { op: 'test', path: '/metadata/uid', value: uid },
    ...missing.map(([key, value]) => ({ op: 'add', path: `/metadata/annotations/${key.replace('/', '~1')}`, value })),
  ];
  const why = `${name} learns what to do before a snapshot of its volume`;
  return [{ action: 'patch', ref: refOf(Pod, { ...pod, metadata }), patch, impact: 'none', why }];
}

const switchover = (pod: KubernetesObject, why: string): Step => ({
  action: 'switchover',
  ref: refOf(Pod, pod),
  impact: 'switchover',
  why: `${why}: another member becomes the primary first`,
});

/** An only server that restarts is away until it is back: nobody takes over in the meantime. */
const restart = (pod: KubernetesObject, impact: 'restart' | 'downtime'): Step => ({
  action: 'restartPod',
  ref: refOf(Pod, pod),
  uid: pod.metadata.uid ?? '',
  impact,
  why: `${pod.metadata.name} restarts to take over what can't be changed in a running server`,
});
