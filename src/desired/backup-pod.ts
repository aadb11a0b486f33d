/**
 * The pod that moves a backup: the engine's own image dumps or loads (`engine`), the operator's image reads, packs, counts
 * and stores (`agent`). Between them lies a volume for pipes and small orders, so no data touches a disk on its way. What is
 * to be done stands in an annotation of the pod: a Job keeps the order that it was made with.
 */
import type { BackupOrder, BackupStorage } from '../api/backup-order.ts';
import type { Database, S3Destination } from '../api/types.generated.ts';
import type { Engine } from '../engines/engine.ts';
import { backupDirectory, credentialsDirectory, scriptsDirectory } from '../engines/mounts.ts';
import { storageSize } from './configmaps.ts';
import { canonicalJson, type Fingerprint } from './hash.ts';
import type { Labels } from './labels.ts';
import { engineScript, internalSecretName, orderAnnotation, scriptsName, secretName } from './names.ts';
import { optional, schedulingKnobs } from './pod-scheduling.ts';
import { containerSecurity, podSecurity, secretMode } from './pod-template.ts';
import { allKeys, replicationKey, superuserKey } from './secret.ts';

type Json = Readonly<Record<string, unknown>>;

export const agentContainer = 'agent';
/** Key of the Secret that backups are encrypted with. */
export const encryptionKey = 'encryption-key';
/** The agent ends with it when another try would end the same way. */
const noUseTryingAgain = 2;

const orderDirectory = '/etc/database-operator/order';
const exchangeDirectory = '/exchange';
const storageDirectory = '/etc/database-operator/storage';
const encryptionDirectory = '/etc/database-operator/encryption';
export const applicationDirectory = '/etc/database-operator/application';
export const encryptionKeyFile = `${encryptionDirectory}/${encryptionKey}`;
/** The volume of the throw-away server. */
const verifyDirectory = '/verify';

/** Where stored backups lie and what opens them. */
export interface BackupPlace {
  readonly s3?: S3Destination;
  /** Name of the claim; absent with s3. */
  readonly claim?: string;
  readonly encryptionSecret?: string;
}

export interface BackupPod {
  readonly database: Database;
  /** Undefined: nothing of the engine is needed, and what the Database becomes may be gone. */
  readonly engine: Engine | undefined;
  readonly order: BackupOrder;
  /** How the order is written down; absent: as canonical JSON. */
  readonly written?: Fingerprint | undefined;
  readonly place: BackupPlace;
  readonly agentImage: string;
  readonly labels: Labels;
  /** Claim of the first member's data; only to recover, while no server mounts it. */
  readonly dataClaim?: string;
  /** Volume of the throw-away server; only to verify. */
  readonly scratch?: { readonly size?: string | number | undefined; readonly storageClass?: string | undefined };
}

/** Path of the mounted volume, or the bucket. */
export const storageOf = ({ s3 }: BackupPlace): BackupStorage =>
  s3 === undefined
    ? { directory: backupDirectory }
    : {
        s3: {
          bucket: s3.bucket,
          ...(s3.region !== undefined && { region: s3.region }),
          ...(s3.endpoint !== undefined && { endpoint: s3.endpoint }),
          ...(s3.credentialsSecret !== undefined && { credentialsDirectory: storageDirectory }),
        },
      };

export interface JobLimits {
  /** Seconds after which the Job has failed, whatever it does. */
  readonly deadlineSeconds: number;
  /** Tries after the first. */
  readonly retries: number;
  /** Seconds after its end in which it can still be looked at; absent: until its owner goes. */
  readonly keptSeconds?: number;
}

/** Spec of a Job. A node that goes is nobody's fault and costs no try; a fault that stays is not tried again. */
export const backupJobSpec = (pod: BackupPod, limits: JobLimits): Json => ({
  backoffLimit: limits.retries,
  activeDeadlineSeconds: limits.deadlineSeconds,
  ...optional('ttlSecondsAfterFinished', limits.keptSeconds),
  podFailurePolicy: {
    rules: [
      {
        action: 'FailJob',
        onExitCodes: { containerName: agentContainer, operator: 'In', values: [noUseTryingAgain] },
      },
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ],
  },
  template: {
    metadata: { labels: pod.labels, annotations: { [orderAnnotation]: (pod.written ?? canonicalJson)(pod.order) } },
    spec: podSpec(pod),
  },
});

/** Without the engine's image any user will do. */
const nobody = 65_532;

/** Of a pod that goes on until it is ended; the agent answers at the port whether all is well. */
export function lastingPodSpec(pod: BackupPod, port: number): Json {
  const { containers, ...spec } = podSpec(pod) as { readonly containers: readonly Json[] };
  const probe = { httpGet: { path: '/', port }, periodSeconds: 10, failureThreshold: 2 };
  return {
    ...spec,
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 5,
    containers: containers.map((container) => ({ ...container, readinessProbe: probe })),
  };
}

function podSpec(pod: BackupPod): Json {
  const { database, engine } = pod;
  const parts = engine?.runtime?.podParts(database);
  const mounts = mountsOf(pod);
  return {
    restartPolicy: 'Never',
    ...(parts && { serviceAccountName: database.metadata.name }),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(parts?.runAsUser ?? nobody),
    ...schedulingKnobs(database),
    // It ends with the agent, whatever it does: a Job never waits for it.
    ...(parts && runsEngine(pod) && { initContainers: [engineSide(pod, parts.image, mounts)] }),
    containers: [agent(pod, mounts)],
    volumes: [...mounts.map(({ volume }) => volume), { name: 'agent-tmp', emptyDir: {} }],
  };
}

const runsEngine = ({ order: { verb } }: BackupPod): boolean =>
  ['backup', 'restore', 'verify', 'recover'].includes(verb);

function agent(pod: BackupPod, mounts: readonly Mount[]): Json {
  return {
    name: agentContainer,
    image: pod.agentImage,
    imagePullPolicy: 'IfNotPresent',
    args: ['agent', pod.order.verb],
    env: [
      { name: 'AGENT_ORDER', value: `${orderDirectory}/order.json` },
      { name: 'EXCHANGE', value: exchangeDirectory },
    ],
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: containerSecurity,
    volumeMounts: [...mounted(mounts, 'agent'), { name: 'agent-tmp', mountPath: '/tmp' }],
  };
}

/** A server that is restored into takes what the Database's own takes; a dump takes little. */
function engineSide({ database, order }: BackupPod, image: string, mounts: readonly Mount[]): Json {
  const limit = order.verb === 'verify' ? database.spec.resources?.limits?.['memory'] : undefined;
  return {
    name: 'engine',
    restartPolicy: 'Always',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', `${scriptsDirectory}/${engineScript}`],
    env: [
      { name: 'EXCHANGE', value: exchangeDirectory },
      ...(order.verb === 'verify' ? [{ name: 'SCRATCH', value: verifyDirectory }] : []),
    ],
    resources: {
      requests: { cpu: '50m', memory: order.verb === 'verify' ? '256Mi' : '64Mi' },
      ...(limit !== undefined && { limits: { memory: limit } }),
    },
    securityContext: containerSecurity,
    volumeMounts: [...mounted(mounts, 'engine'), { name: 'engine-tmp', mountPath: '/tmp' }],
  };
}

interface Mount {
  readonly volume: { readonly name: string } & Json;
  readonly path: string;
  readonly in: readonly ('agent' | 'engine')[];
  readonly writable?: boolean;
}

const mounted = (mounts: readonly Mount[], side: 'agent' | 'engine'): readonly Json[] =>
  mounts
    .filter((mount) => mount.in.includes(side) && mount.path !== '/tmp')
    .map(({ volume, path, writable }) => ({
      name: volume.name,
      mountPath: path,
      ...(writable !== true && { readOnly: true }),
    }));

const secretVolume = (name: string, secret: string, keys?: readonly string[]): Mount['volume'] => ({
  name,
  secret: {
    secretName: secret,
    defaultMode: secretMode,
    ...(keys && { items: keys.map((key) => ({ key, path: key })) }),
  },
});

function mountsOf(pod: BackupPod): readonly Mount[] {
  const { database, order, place, scratch } = pod;
  const { name } = database.metadata;
  const both = ['agent', 'engine'] as const;
  const agentOnly = ['agent'] as const;
  const fieldRef = { fieldPath: `metadata.annotations['${orderAnnotation}']` };
  return [
    {
      volume: { name: 'order', downwardAPI: { items: [{ path: 'order.json', fieldRef }] } },
      path: orderDirectory,
      in: agentOnly,
    },
    ...(runsEngine(pod)
      ? [
          { volume: { name: 'exchange', emptyDir: {} }, path: exchangeDirectory, in: both, writable: true },
          {
            volume: { name: 'scripts', configMap: { name: scriptsName(name) } },
            path: scriptsDirectory,
            in: ['engine'] as const,
          },
          { volume: { name: 'engine-tmp', emptyDir: {} }, path: '/tmp', in: ['engine'] as const, writable: true },
        ]
      : []),
    ...credentials(pod),
    ...(pod.dataClaim === undefined || pod.engine?.runtime === undefined
      ? []
      : [
          {
            volume: { name: 'data', persistentVolumeClaim: { claimName: pod.dataClaim } },
            path: pod.engine.runtime.podParts(database).dataMountPath,
            in: ['engine'] as const,
            writable: true,
          },
        ]),
    ...(order.applicationSecretDirectory === undefined
      ? []
      : [{ volume: secretVolume('application', secretName(name)), path: applicationDirectory, in: agentOnly }]),
    ...(place.s3?.credentialsSecret === undefined
      ? []
      : [{ volume: secretVolume('storage', place.s3.credentialsSecret), path: storageDirectory, in: agentOnly }]),
    ...(place.encryptionSecret === undefined
      ? []
      : [
          {
            volume: secretVolume('encryption', place.encryptionSecret, [encryptionKey]),
            path: encryptionDirectory,
            in: agentOnly,
          },
        ]),
    ...(place.claim === undefined
      ? []
      : [
          {
            volume: { name: 'backup', persistentVolumeClaim: { claimName: place.claim } },
            path: backupDirectory,
            in: agentOnly,
            writable: true,
          },
        ]),
    ...(scratch === undefined
      ? []
      : [{ volume: scratchVolume(pod), path: verifyDirectory, in: ['engine'] as const, writable: true }]),
  ];
}

/** No more of the operator's own passwords than what is done needs. */
function credentials({ database, order }: BackupPod): readonly Mount[] {
  const volume = (keys: readonly string[]): Mount['volume'] =>
    secretVolume('credentials', internalSecretName(database.metadata.name), keys);
  const path = credentialsDirectory;
  if (order.verb === 'recover') return [{ volume: volume(allKeys), path, in: ['engine'] }];
  if (order.server === undefined) return [];
  const keys = order.files === true ? [superuserKey, replicationKey] : [superuserKey];
  return [{ volume: volume(keys), path, in: order.verb === 'archive' ? ['agent'] : ['agent', 'engine'] }];
}

/** Made and removed with the pod: the node's own disk is not filled. */
function scratchVolume({ database, scratch, labels }: BackupPod): Mount['volume'] {
  const spec = {
    accessModes: ['ReadWriteOnce'],
    ...optional('storageClassName', scratch?.storageClass ?? database.spec.storage?.storageClass),
    resources: { requests: { storage: String(scratch?.size ?? storageSize(database)) } },
  };
  return { name: 'verify', ephemeral: { volumeClaimTemplate: { metadata: { labels }, spec } } };
}
