/** Which members of which Databases are asked, where, and with which passwords: read from the caches each time. */
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { completeDatabase } from '../../admission/defaults.ts';
import { headlessService, internalSecretName } from '../../desired/names.ts';
import type { Credentials } from '../../desired/index.ts';
import { readCredentials } from '../../desired/secret.ts';
import type { Engine, MemberAddress, TopologyDriver } from '../../engines/engine.ts';
import { hasEnded, ordinalOf } from '../../planning/observed.ts';
import { instanceKey } from '../caches.ts';
import type { Caches } from '../caches.ts';

/** Milliseconds for one question; commands have longer. */
export const QUESTION_MS = 1_000;

export interface Target {
  readonly uid: string;
  /** Nothing of it runs: there is nothing to ask. */
  readonly ended: boolean;
  /** It was ordered to end without time for a clean end. */
  readonly killed: boolean;
  readonly address: MemberAddress;
}

export interface Targets {
  readonly driver: TopologyDriver;
  readonly primary: string | undefined;
  readonly members: readonly Target[];
}

/** More than one member, wanted or still there; or one that is not where a lone one stands. */
export const hasPeers = (database: Database, pods: readonly KubernetesObject[]): boolean =>
  (database.spec.replicas ?? 1) > 1 ||
  pods.length > 1 ||
  (database.status?.currentPrimary ?? `${database.metadata.name}-0`) !== `${database.metadata.name}-0`;

/**
 * A lone server that had peers may have started while its mounted list still named them: it is read-only then, and told to
 * begin. The volumes of members that left are kept, and tell.
 */
const hadPeers = (caches: Caches, namespace: string, name: string): boolean =>
  (caches.store(resources.PersistentVolumeClaim)?.byIndex(instanceKey(namespace, name)) ?? []).some(
    ({ metadata }) => (ordinalOf(`data-${name}`, metadata.name) ?? 0) > 0,
  );

const hasOrHadPeers = (stored: Database, pods: readonly KubernetesObject[], caches: Caches): boolean =>
  hasPeers(stored, pods) || hadPeers(caches, stored.metadata.namespace ?? '', stored.metadata.name);

export const serverPods = (caches: Caches, namespace: string | undefined, name: string): readonly KubernetesObject[] =>
  (caches.store(resources.Pod)?.byIndex(instanceKey(namespace, name)) ?? []).filter(
    (pod) =>
      pod.metadata.labels?.['app.kubernetes.io/component'] === 'database' &&
      ordinalOf(name, pod.metadata.name) !== undefined,
  );

/** One that has time for a clean end does not end before that time is over when it is frozen. */
export const isKilled = ({
  metadata: { deletionTimestamp, deletionGracePeriodSeconds = 0 },
}: KubernetesObject): boolean => deletionTimestamp !== undefined && deletionGracePeriodSeconds <= 1;

/** `key` is namespace/name. Undefined: there is nobody to be asked. `which`: a lone server is told nothing, so few ask it. */
export function targetsOf(
  key: string,
  caches: Caches,
  engineByName: (name: string) => Engine | undefined,
  which: 'with peers' | 'all',
): Targets | undefined {
  const slash = key.indexOf('/');
  const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
  const stored = caches.store(resources.Database)?.get(namespace, name) as Database | undefined;
  if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return undefined;
  const pods = serverPods(caches, namespace, name);
  if (pods.length === 0 || !(which === 'all' || hasOrHadPeers(stored, pods, caches))) return undefined;
  const engine = engineByName(completeDatabase(stored).spec.engine ?? '');
  const secret = caches.store(resources.Secret)?.get(namespace, internalSecretName(name));
  const credentials = secret && readCredentials(secret);
  const driver = engine?.runtime?.topology;
  if (driver === undefined || credentials === undefined) return undefined;
  const members = pods.flatMap((pod) => targetOf(pod, engine?.port ?? 0, credentials));
  return { driver, primary: stored.status?.currentPrimary, members };
}

/** How members call each other: a name outlives the address of a pod. */
export const peerAddress = (address: MemberAddress, database: string): MemberAddress => ({
  ...address,
  host: `${address.pod}.${headlessService(database)}`,
});

function targetOf(pod: KubernetesObject, port: number, credentials: Credentials): readonly Target[] {
  const { podIP } = (pod['status'] ?? {}) as { podIP?: string };
  if (podIP === undefined) return [];
  return [
    {
      uid: pod.metadata.uid ?? '',
      ended: hasEnded(pod),
      killed: isKilled(pod),
      address: {
        pod: pod.metadata.name,
        host: podIP,
        port,
        superuserPassword: credentials.superuserPassword,
        replicationPassword: credentials.replicationPassword,
        timeoutMs: QUESTION_MS,
      },
    },
  ];
}
