/**
 * What is wrong with pods and volumes, from cause to remedy. Only facts that stay as they are until something happens go
 * in here (no ages, no restart counts): each would be a write of its own.
 */
import type { KubernetesObject } from '../api/object.ts';
import type { Diagnosis } from '../api/types.generated.ts';
import { refusedConfiguration } from '../engines/last-words.ts';

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly state?: { readonly waiting?: Reason; readonly terminated?: Termination };
  readonly lastState?: { readonly terminated?: Termination };
}
interface Reason {
  readonly reason?: string;
  readonly message?: string;
}
interface Termination extends Reason {
  readonly exitCode?: number;
}
interface PodStatus extends Reason {
  readonly phase?: string;
  readonly conditions?: readonly (Reason & { readonly type: string; readonly status: string })[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
}

/** Causes that may go away by themselves: a node is added, a class appears. They make no phase Failed. */
const mending: ReadonlySet<string> = new Set([
  'A pod fits on no node',
  'The StorageClass does not exist',
  'No volume can be made',
  'A Secret does not exist',
  'A PriorityClass does not exist',
  'A pod is not made',
]);
export const isLasting = ({ cause }: Diagnosis): boolean => !mending.has(cause);

const MAX_EVIDENCE = 400;

/** Back-off times in kubelet messages change from one report to the next. */
const steady = (text: string): string =>
  text
    .replace(/back-off \S+ restarting failed container.*/i, 'the container keeps failing')
    .replace(/\s+/g, ' ')
    .slice(0, MAX_EVIDENCE);

export const finding = (cause: string, evidence: string, action: string): Diagnosis => ({
  cause,
  evidence: steady(evidence),
  action,
});

export interface DiagnosisInput {
  readonly pods: readonly KubernetesObject[];
  readonly claims: readonly KubernetesObject[];
  /** Names of the cluster's StorageClasses; undefined: not known. */
  readonly storageClasses: readonly string[] | undefined;
}

export function diagnose({ pods, claims, storageClasses }: DiagnosisInput): readonly Diagnosis[] {
  const found = [...claims.flatMap((claim) => ofClaim(claim, storageClasses)), ...pods.flatMap(ofPod)];
  return found.filter((one, index) => found.findIndex((other) => other.evidence === one.evidence) === index);
}

/** In the words of the servers and of the boot scripts, in a termination message. */
const noRoom = /no space left|disk (?:is )?full|check .* that it isn't full/i;

/** Its server has ended because the volume is full, and has not answered since. */
export function saysNoRoom(pod: KubernetesObject): boolean {
  const { containerStatuses = [] } = (pod['status'] ?? {}) as PodStatus;
  return containerStatuses.some(
    ({ ready, state, lastState }) =>
      ready !== true && noRoom.test((state?.terminated ?? lastState?.terminated)?.message ?? ''),
  );
}

function ofPod(pod: KubernetesObject): readonly Diagnosis[] {
  if (pod.metadata.deletionTimestamp !== undefined) return [];
  const status = (pod['status'] ?? {}) as PodStatus;
  const { name } = pod.metadata;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return [
    ...(status.phase === 'Failed'
      ? [
          finding(
            'A pod was ended',
            `pod ${name}: ${status.reason ?? 'Failed'} ${status.message ?? ''}`,
            `kubectl describe pod ${name}`,
          ),
        ]
      : []),
    ...unscheduled(name, status),
    ...containers.flatMap((container) => ofContainer(name, container)),
  ];
}

function unscheduled(name: string, status: PodStatus): readonly Diagnosis[] {
  const condition = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False') return [];
  const message = condition.message ?? condition.reason ?? '';
  return [finding('A pod fits on no node', `pod ${name}: ${message}`, schedulingRemedy(message))];
}

function schedulingRemedy(message: string): string {
  if (/PersistentVolumeClaim/i.test(message)) return 'see the volume: kubectl describe pvc';
  if (/Insufficient/.test(message)) return 'lower spec.resources.requests or add nodes';
  if (/affinity|selector/i.test(message))
    return 'check spec.podTemplate.affinity and nodeSelector against kubectl get nodes --show-labels';
  if (/taint/i.test(message)) return 'add a toleration to spec.podTemplate.tolerations or free a node';
  return 'kubectl describe pod shows what each node lacks';
}

const imageReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'RegistryUnavailable',
]);

function ofContainer(pod: string, container: ContainerStatus): readonly Diagnosis[] {
  const where = `pod ${pod}, container ${container.name}`;
  const waiting = container.state?.waiting;
  return waiting?.reason !== undefined && startReasons.has(waiting.reason)
    ? notStarted(pod, where, waiting)
    : ended(pod, where, container);
}

const startReasons = new Set([...imageReasons, 'CreateContainerConfigError', 'CreateContainerError']);

function notStarted(pod: string, where: string, { reason = '', message = reason }: Reason): readonly Diagnosis[] {
  if (!imageReasons.has(reason)) {
    return [finding('The container can’t be made', `${where}: ${message}`, `kubectl describe pod ${pod}`)];
  }
  return [
    finding(
      'The image can’t be pulled',
      // Two reasons take turns for one fault; the state that is shown stays the same.
      `${where}: ${reason === 'ErrImagePull' ? 'ImagePullBackOff' : reason}`,
      'check spec.image and spec.version; a private registry needs spec.podTemplate.imagePullSecrets',
    ),
  ];
}

function ended(pod: string, where: string, container: ContainerStatus): readonly Diagnosis[] {
  const end = container.state?.terminated ?? container.lastState?.terminated;
  if (container.ready === true || end === undefined || end.exitCode === 0) return [];
  if (end.reason === 'OOMKilled') {
    return [finding('The server ran out of memory', `${where}: OOMKilled`, 'raise spec.resources.limits.memory')];
  }
  const said = end.message === undefined || end.message === '' ? '' : `: ${end.message}`;
  const evidence = `${where}: exit code ${end.exitCode ?? 'unknown'}${said}`;
  const log = `kubectl logs ${pod} --previous`;
  return [
    end.message?.startsWith(refusedConfiguration) === true
      ? finding('The server refuses its configuration', evidence, `change spec.config; all that it says: ${log}`)
      : finding('The server ends again and again', evidence, log),
  ];
}

interface ClaimStatus {
  readonly phase?: string;
  readonly conditions?: readonly (Reason & { readonly type: string; readonly status: string })[];
  readonly allocatedResourceStatuses?: { readonly storage?: string };
}

function ofClaim(claim: KubernetesObject, classes: readonly string[] | undefined): readonly Diagnosis[] {
  const { name } = claim.metadata;
  const status = (claim['status'] ?? {}) as ClaimStatus;
  if (status.phase === 'Pending') return pendingClaim(claim, classes);
  if (status.phase === 'Lost') {
    const action = 'restore the PersistentVolume or recover from a backup';
    return [finding('A volume is lost', `claim ${name}: its PersistentVolume is gone`, action)];
  }
  const resize = status.allocatedResourceStatuses?.storage ?? '';
  if (!/Failed|Infeasible/.test(resize)) return [];
  const action = `kubectl describe pvc ${name}; the StorageClass or its quota refuses`;
  return [finding('A volume can’t grow', `claim ${name}: ${resize}`, action)];
}

function pendingClaim(claim: KubernetesObject, classes: readonly string[] | undefined): readonly Diagnosis[] {
  const { name } = claim.metadata;
  const { storageClassName } = (claim['spec'] ?? {}) as { storageClassName?: string };
  if (classes === undefined) return [];
  if (storageClassName === undefined) {
    if (classes.length > 0) return [];
    const action = 'install one, or make a PersistentVolume by hand';
    return [finding('No volume can be made', `claim ${name}: the cluster has no StorageClass`, action)];
  }
  if (storageClassName === '' || classes.includes(storageClassName)) return [];
  return [
    finding(
      'The StorageClass does not exist',
      `claim ${name}: StorageClass ${storageClassName} not found`,
      `create StorageClass ${storageClassName}; the cluster has ${classes.length === 0 ? 'none' : classes.join(', ')}`,
    ),
  ];
}
