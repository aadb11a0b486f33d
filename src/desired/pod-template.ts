/**
 * The pod of a server: the engine's parts in a frame that is the same for every engine. It meets the restricted pod
 * security standard, spreads by preference, and never depends on the number of replicas (the label `role` aside), so
 * that scaling restarts nobody.
 */
import type { Database } from '../api/types.generated.ts';
import type { Engine, EngineRuntime, PodParts } from '../engines/engine.ts';
import {
  configDirectory,
  credentialsDirectory,
  scriptsDirectory,
  tlsDirectory,
  topologyDirectory,
} from '../engines/mounts.ts';
import type { Input } from './context.ts';
import { stableHash } from './hash.ts';
import { labelsOf } from './labels.ts';
import {
  configMapName,
  flushScript,
  hookPrefix,
  internalSecretName,
  podHashAnnotation,
  restartConfigAnnotation,
  roleLabel,
  scriptsName,
  topologyName,
} from './names.ts';
import { constraints, optional, schedulingKnobs, spread } from './pod-scheduling.ts';
import { monitorKey } from './secret.ts';
import { metricsPort } from './services.ts';

export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;

/** Of every container. */
export const containerSecurity: Json = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** A volume that already belongs to the group is not walked again: on a large one that takes minutes. */
export const podSecurity = (user: number): Json => ({
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
});

export function podTemplate(input: Input, runtime: EngineRuntime): PodTemplate {
  const { database, engine, context } = input;
  const knobs = database.spec.podTemplate ?? {};
  const labels = { ...knobs.labels, ...labelsOf(database, engine) };
  const annotations = { ...knobs.annotations, [restartConfigAnnotation]: input.startHash };
  const spec = podSpec(database, engine, runtime);
  const hash = (context.fingerprint ?? stableHash)({ labels, annotations, spec });
  const lone = (database.spec.replicas ?? 1) === 1 && context.recovering !== true;
  return {
    metadata: {
      // A lone database is reachable without the operator; with more members the operator sets the role on pods.
      labels: lone ? { ...labels, [roleLabel]: 'primary' } : withoutRole(labels),
      annotations: { ...snapshotHook(runtime.podParts(database)), ...annotations, [podHashAnnotation]: hash },
    },
    spec,
  };
}

/**
 * What Velero runs before it takes a snapshot of the volume. Outside the hash: a pod that lacks it gets it while it runs.
 * A copy of a volume is good without it too (it is as after a power cut), so a failure does not end the backup.
 */
const snapshotHook = ({ containerName }: PodParts): Readonly<Record<string, string>> => ({
  [`${hookPrefix}container`]: containerName,
  [`${hookPrefix}command`]: JSON.stringify(['sh', `${scriptsDirectory}/${flushScript}`]),
  [`${hookPrefix}timeout`]: '60s',
  [`${hookPrefix}on-error`]: 'Continue',
});

const withoutRole = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => key !== roleLabel));

function podSpec(database: Database, engine: Engine, runtime: EngineRuntime): Json {
  const parts = runtime.podParts(database);
  const knobs = database.spec.podTemplate ?? {};
  const monitored = database.spec.monitoring?.enabled === true;
  return {
    containers: [server(database, engine, parts), ...(monitored ? [exporter(database, runtime)] : [])],
    volumes: volumes(database, parts, monitored),
    securityContext: podSecurity(parts.runAsUser),
    serviceAccountName: database.metadata.name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: knobs.terminationGracePeriodSeconds ?? parts.terminationGracePeriodSeconds,
    affinity: spread(database.metadata.name, knobs.affinity),
    ...optional('topologySpreadConstraints', constraints(database)),
    ...schedulingKnobs(database),
  };
}

function server(database: Database, engine: Engine, parts: PodParts): Json {
  const resources = database.spec.resources;
  return {
    name: parts.containerName,
    image: parts.image,
    imagePullPolicy: 'IfNotPresent',
    command: parts.command,
    env: environment(database, parts),
    ports: [{ name: engine.name, containerPort: engine.port, protocol: 'TCP' }],
    ...optional('resources', resources),
    startupProbe: parts.startupProbe,
    readinessProbe: parts.readinessProbe,
    livenessProbe: parts.livenessProbe,
    securityContext: containerSecurity,
    volumeMounts: [
      { name: 'data', mountPath: parts.dataMountPath },
      { name: 'config', mountPath: configDirectory, readOnly: true },
      { name: 'scripts', mountPath: scriptsDirectory, readOnly: true },
      { name: 'topology', mountPath: topologyDirectory, readOnly: true },
      { name: 'credentials', mountPath: credentialsDirectory, readOnly: true },
      ...(database.spec.tls ? [{ name: 'tls', mountPath: tlsDirectory, readOnly: true }] : []),
      { name: 'tmp', mountPath: '/tmp' },
      ...parts.scratch.map(({ name, mountPath }) => ({ name, mountPath })),
    ],
  };
}

/** A name stands once: with the operator's value where both have one. */
function environment(database: Database, parts: PodParts): Json[] {
  const ours = new Set(parts.env.map((entry) => entry['name']));
  const theirs = new Map((database.spec.podTemplate?.env ?? []).map((entry) => [entry.name, entry]));
  return [...parts.env, ...[...theirs.values()].filter(({ name }) => !ours.has(name))] as Json[];
}

/** It reads one password, its own; the others are not mounted into it. */
function exporter(database: Database, runtime: EngineRuntime): Json {
  const { image, port, env, args, scratch } = runtime.exporter(database);
  const shared = runtime.podParts(database).scratch.filter(({ name }) => name === scratch);
  return {
    name: 'exporter',
    image,
    imagePullPolicy: 'IfNotPresent',
    ...(args.length > 0 && { args }),
    env,
    ports: [{ name: metricsPort, containerPort: port, protocol: 'TCP' }],
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
    securityContext: containerSecurity,
    volumeMounts: [
      { name: 'monitor-credentials', mountPath: credentialsDirectory, readOnly: true },
      ...shared.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
    ],
  };
}

/** Readable by the server's group only. */
export const secretMode = 0o440;

function volumes(database: Database, parts: PodParts, monitored: boolean): Json[] {
  const { name } = database.metadata;
  const internal = internalSecretName(name);
  const certificate = database.spec.tls?.certificateSecret;
  const key = { key: monitorKey, path: monitorKey };
  return [
    { name: 'config', configMap: { name: configMapName(name) } },
    { name: 'scripts', configMap: { name: scriptsName(name) } },
    { name: 'topology', configMap: { name: topologyName(name) } },
    { name: 'credentials', secret: { secretName: internal, defaultMode: secretMode } },
    ...(certificate === undefined
      ? []
      : [{ name: 'tls', secret: { secretName: certificate, defaultMode: secretMode } }]),
    ...(monitored
      ? [{ name: 'monitor-credentials', secret: { secretName: internal, defaultMode: secretMode, items: [key] } }]
      : []),
    { name: 'tmp', emptyDir: {} },
    ...parts.scratch.map((place) => ({ name: place.name, emptyDir: place.memory ? { medium: 'Memory' } : {} })),
  ];
}
