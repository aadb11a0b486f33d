/**
 * The exporters of a DatabaseMonitor: one pod, a container for each member, so that watching a database restarts none of its
 * servers. A container whose member does not answer says so (`…_up 0`), which is what an alert needs.
 */
import type { Database } from '../api/types.generated.ts';
import type { Exporter, EngineRuntime } from '../engines/engine.ts';
import { credentialsDirectory } from '../engines/mounts.ts';
import { exporterLabel, headlessService, internalSecretName, podName, serviceHost } from './names.ts';
import { containerSecurity, podSecurity, secretMode } from './pod-template.ts';
import { schedulingKnobs } from './pod-scheduling.ts';
import { monitorKey } from './secret.ts';
import { wantedPods } from './statefulset.ts';

type Json = Readonly<Record<string, unknown>>;

/** Of the first member's exporter; the others follow. */
const firstPort = 9400;
/** Nobody in particular. */
const user = 65_534;

export const exporterPortName = (ordinal: number): string => `member-${ordinal}`;

const ordinals = (database: Database): readonly number[] =>
  Array.from({ length: database.spec.replicas ?? 1 }, (_, ordinal) => ordinal);

export function exporterService(database: Database): Json {
  return {
    type: 'ClusterIP',
    clusterIP: 'None',
    // What an exporter says matters most while something is not ready.
    publishNotReadyAddresses: true,
    selector: { [exporterLabel]: database.metadata.name },
    ports: ordinals(database).map((ordinal) => ({
      name: exporterPortName(ordinal),
      port: firstPort + ordinal,
      targetPort: exporterPortName(ordinal),
      protocol: 'TCP',
    })),
  };
}

/** Spec of the Deployment; `labels` are those of the pods. No pod while the Database hibernates. */
export function exporters(
  { database, clusterDomain }: { readonly database: Database; readonly clusterDomain?: string },
  runtime: EngineRuntime,
  labels: Readonly<Record<string, string>>,
): Json {
  const { name } = database.metadata;
  const domain = serviceHost(headlessService(name), database, clusterDomain);
  const key = { key: monitorKey, path: monitorKey };
  return {
    replicas: wantedPods({ database }) === 0 ? 0 : 1,
    // Two pods at a time would both be scraped, and every sample would be there twice.
    strategy: { type: 'Recreate' },
    revisionHistoryLimit: 1,
    selector: { matchLabels: { [exporterLabel]: name } },
    template: {
      metadata: { labels },
      spec: {
        containers: ordinals(database).map((ordinal) =>
          container(
            podName(name, ordinal),
            exporterPortName(ordinal),
            runtime.exporter(database, {
              host: `${podName(name, ordinal)}.${domain}`,
              listenPort: firstPort + ordinal,
            }),
          ),
        ),
        volumes: [
          {
            name: 'credentials',
            secret: { secretName: internalSecretName(name), defaultMode: secretMode, items: [key] },
          },
        ],
        securityContext: podSecurity(user),
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 5,
        ...schedulingKnobs(database),
      },
    },
  };
}

const container = (member: string, portName: string, { image, args, env, port }: Exporter): Json => ({
  name: member,
  image,
  imagePullPolicy: 'IfNotPresent',
  ...(args.length > 0 && { args }),
  env,
  ports: [{ name: portName, containerPort: port, protocol: 'TCP' }],
  resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
  securityContext: containerSecurity,
  volumeMounts: [{ name: 'credentials', mountPath: credentialsDirectory, readOnly: true }],
});
