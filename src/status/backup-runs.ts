/** What backup pods have said: the agent leaves its result in the termination message of its container. */
import type { BackupFailure, BackupResult } from '../api/backup-order.ts';
import type { KubernetesObject } from '../api/object.ts';
import { agentContainer } from '../desired/backup-pod.ts';

/** One pod: one try of a Job. */
export interface BackupRun {
  readonly pod: string;
  /** Name of the Job; undefined: it was not made by one. */
  readonly job: string | undefined;
  /** Its creation, RFC 3339. */
  readonly madeAt: string;
  /** Undefined: the agent has not ended. */
  readonly result: BackupResult | undefined;
  /** Why its containers do not run, in words; undefined: they do, or have. */
  readonly waits?: string;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: {
    readonly exitCode?: number;
    readonly reason?: string;
    readonly message?: string;
    readonly startedAt?: string;
    readonly finishedAt?: string;
  };
}
interface ContainerStatus {
  readonly name: string;
  readonly state?: ContainerState;
}
interface PodStatus {
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
}

/** Newest first. */
export const runsOf = (pods: readonly KubernetesObject[]): readonly BackupRun[] =>
  pods.map(runOf).sort((a, b) => (a.madeAt === b.madeAt ? (a.pod < b.pod ? 1 : -1) : a.madeAt < b.madeAt ? 1 : -1));

/** Of a Job: `Complete` or `Failed`. */
export function hasCondition(job: KubernetesObject | undefined, type: 'Complete' | 'Failed'): boolean {
  const { conditions = [] } = (job?.['status'] ?? {}) as { conditions?: readonly { type: string; status: string }[] };
  return conditions.some((one) => one.type === type && one.status === 'True');
}

const jobLabels = ['batch.kubernetes.io/job-name', 'job-name'];

function runOf(pod: KubernetesObject): BackupRun {
  const { name, labels = {}, creationTimestamp = '' } = pod.metadata;
  const status = (pod['status'] ?? {}) as PodStatus;
  const containers = status.containerStatuses ?? [];
  const agent = containers.find((container) => container.name === agentContainer)?.state?.terminated;
  const waits = waitsFor(status);
  return {
    pod: name,
    job: jobLabels.map((label) => labels[label]).find((job) => job !== undefined),
    madeAt: creationTimestamp,
    result: agent && resultOf(agent),
    ...(waits !== undefined && agent === undefined && { waits }),
  };
}

const ordinary = new Set(['ContainerCreating', 'PodInitializing']);

function waitsFor({
  initContainerStatuses = [],
  containerStatuses = [],
  conditions = [],
}: PodStatus): string | undefined {
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return `no node takes its pod: ${scheduled.message ?? ''}`;
  const stuck = [...initContainerStatuses, ...containerStatuses].find(({ state }) => {
    const reason = state?.waiting?.reason;
    return reason !== undefined && !ordinary.has(reason);
  });
  if (stuck === undefined) return undefined;
  // Two reasons take turns for one fault.
  const reason = stuck.state?.waiting?.reason?.replace('ErrImagePull', 'ImagePullBackOff') ?? '';
  return `container ${stuck.name} does not start: ${reason}`;
}

/** A message that is no result is what is left of an agent that was killed or never came to say anything. */
function resultOf(end: NonNullable<ContainerState['terminated']>): BackupResult {
  const said = parsed(end.message ?? '');
  if (said !== undefined) return said;
  const how = end.reason === 'OOMKilled' ? 'ran out of memory' : `ended with exit code ${end.exitCode ?? 'unknown'}`;
  return {
    ok: false,
    verb: 'backup',
    startedAt: end.startedAt ?? '',
    endedAt: end.finishedAt ?? '',
    reason: 'Interrupted',
    message: `the agent ${how} before it could say why`,
  };
}

function parsed(message: string): BackupResult | undefined {
  try {
    const value: unknown = JSON.parse(message.trim().split('\n').at(-1) ?? '');
    return isResult(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isResult = (value: unknown): value is BackupResult =>
  typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean' && 'verb' in value;

const word = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;

/** The reason as a condition may carry it. */
export const reasonOf = ({ reason }: BackupResult, otherwise: string): string =>
  reason !== undefined && word.test(reason) ? reason : otherwise;

const shown = 3;

/** Why it failed, for people: the message, then the first things that were found wrong. */
export function complaintOf({ message = '', failures = [] }: BackupResult): string {
  const named = failures.slice(0, shown).map(({ kind, what }: BackupFailure) => `${kind}: ${what}`);
  const more = failures.length > shown ? [`and ${failures.length - shown} more`] : [];
  return [message, ...named, ...more].filter((text) => text !== '').join('; ');
}
