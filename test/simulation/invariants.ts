/**
 * What must hold at every moment of every run, whatever goes wrong: checked on each change of the world. A broken one is
 * noted and ends the run with its seed.
 */
import type { KubernetesObject } from '../../src/api/object.ts';
import * as resources from '../../src/api/resources.ts';
import type { Database } from '../../src/api/types.generated.ts';
import type { Cluster } from './cluster.ts';
import { OPERATOR } from './operator.ts';
import { equal } from './ownership.ts';
import { isReady } from './statefulset.ts';
import type { LogEntry, World } from './world-types.ts';

export interface Invariants {
  readonly broken: readonly string[];
  /** Values that must appear in no other object and no log. */
  readonly secrets: ReadonlySet<string>;
  /** Objects of people, by uid: never written by the operator. */
  protect(object: KubernetesObject): void;
  /** Secrets in places where they must not be. */
  checkLeaks(logs: readonly string[]): void;
  checkEnd(): void;
}

const DATABASE_LABEL = 'database.example.com/name';

export function watchInvariants(world: World, cluster: Cluster): Invariants {
  const broken: string[] = [];
  const secrets = new Set<string>();
  const passwords = new Map<string, string>();
  const protectedUids = new Map<string, KubernetesObject>();
  /** Databases whose data may be deleted, by namespace and name. */
  const consents = new Map<string, string>();
  const fail = (what: string): void => {
    if (!broken.includes(what)) broken.push(what);
  };
  const lastWriter = (): string => world.writes.at(-1)?.by ?? '';

  const onDatabase = ({ after }: LogEntry): void => {
    if (after?.metadata.deletionTimestamp === undefined) return;
    const { deletionPolicy = 'Retain' } = (after as Database).spec;
    consents.set(`${String(after.metadata.namespace)}/${after.metadata.name}`, deletionPolicy);
  };
  const onClaim = ({ before, after, last }: LogEntry): void => {
    const isDeletion =
      before?.metadata.deletionTimestamp === undefined && last.metadata.deletionTimestamp !== undefined;
    if (!isDeletion && after !== undefined) return;
    const by = lastWriter();
    if (by !== OPERATOR && by !== 'garbage-collector') return;
    const { name, namespace, labels } = last.metadata;
    const consent = consents.get(`${String(namespace)}/${String(labels?.[DATABASE_LABEL])}`);
    const job = world.find({
      resource: resources.Job,
      namespace,
      name: `${String(labels?.[DATABASE_LABEL])}-final-backup`,
    });
    const isBackedUp = consent === 'Snapshot' && isComplete(job) && !name.endsWith('-backup-pvc');
    if (consent !== 'Delete' && !isBackedUp)
      fail(`claim ${name} was deleted by ${by} without consent (${String(consent)})`);
  };
  const onSecret = ({ before, after }: LogEntry): void => {
    if (after === undefined) return;
    const { name, uid } = after.metadata;
    const data = (after['data'] ?? {}) as Readonly<Record<string, string>>;
    for (const [key, value] of Object.entries(data)) {
      if (key.includes('password')) secrets.add(Buffer.from(value, 'base64').toString());
    }
    if (before !== undefined && lastWriter() === OPERATOR && !equal(before['data'], data)) {
      fail(`the operator overwrote Secret ${name} (${String(uid)})`);
    }
    if (lastWriter() !== OPERATOR || data['password'] === undefined) return;
    const known = passwords.get(name);
    const instance = after.metadata.labels?.[DATABASE_LABEL] ?? '';
    if (known !== undefined && known !== data['password'] && hasData(instance)) fail(`the password in ${name} changed`);
    passwords.set(name, data['password']);
  };
  const hasData = (instance: string): boolean =>
    world.list(resources.PersistentVolumeClaim).some((claim) => {
      const { volumeName = '' } = claim['spec'] as { volumeName?: string };
      return claim.metadata.labels?.[DATABASE_LABEL] === instance && cluster.disks.get(volumeName)?.data !== undefined;
    });
  const onPod = ({ before, last }: LogEntry): void => {
    const isDeletion =
      before?.metadata.deletionTimestamp === undefined && last.metadata.deletionTimestamp !== undefined;
    // A server that must not write any more is stopped whatever the others do.
    const isFence = last.metadata.deletionGracePeriodSeconds === 1;
    if (!isDeletion || isFence || lastWriter() !== OPERATOR || before === undefined || !isReady(before)) return;
    const instance = last.metadata.labels?.[DATABASE_LABEL];
    const others = world
      .list(resources.Pod, last.metadata.namespace)
      .filter((pod) => pod.metadata.labels?.[DATABASE_LABEL] === instance && pod.metadata.uid !== last.metadata.uid);
    const away = others.find(
      (pod) =>
        !isReady(pod) &&
        pod.metadata.labels?.['app.kubernetes.io/component'] === 'database' &&
        !isLeaving(pod, instance),
    );
    if (away !== undefined) fail(`${last.metadata.name} was restarted while ${away.metadata.name} was away`);
  };
  /** It is beyond the wanted members: nobody waits for it. */
  const isLeaving = ({ metadata: { name, namespace } }: KubernetesObject, instance = ''): boolean =>
    [resources.Database, resources.StatefulSet].some((resource) => {
      const spec = world.find({ resource, namespace, name: instance })?.['spec'] as { replicas?: number } | undefined;
      return spec !== undefined && Number(name.slice(instance.length + 1)) >= (spec.replicas ?? 1);
    });
  const onAny = ({ before, last }: LogEntry): void => {
    if (before === undefined || lastWriter() !== OPERATOR || !protectedUids.has(last.metadata.uid ?? '')) return;
    fail(`the operator changed ${last.kind} ${last.metadata.name}, which is not its own`);
  };

  world.onChange((entry) => {
    onAny(entry);
    if (entry.resource.kind === 'Database') onDatabase(entry);
    if (entry.resource.kind === 'PersistentVolumeClaim') onClaim(entry);
    if (entry.resource.kind === 'Secret') onSecret(entry);
    if (entry.resource.kind === 'Pod') onPod(entry);
  });

  return {
    broken,
    secrets,
    protect: (object) => void protectedUids.set(object.metadata.uid ?? '', object),
    checkLeaks(logs) {
      const places = [
        ...world.everything().filter(({ resource }) => resource.kind !== 'Secret'),
        ...world.log
          .filter(({ resource }) => ['Event', 'Database'].includes(resource.kind))
          .map(({ resource, last }) => ({ resource, object: last })),
      ].map(({ resource, object }) => [`${resource.kind} ${object.metadata.name}`, JSON.stringify(object)] as const);
      for (const [where, text] of [...places, ...logs.map((line) => ['the log', line] as const)]) {
        for (const secret of secrets) if (text.includes(secret)) fail(`a password is in ${where}`);
      }
    },
    checkEnd() {
      for (const database of world.list(resources.Database)) {
        if (database.metadata.deletionTimestamp !== undefined)
          fail(`the finalizer of ${database.metadata.name} does not end`);
      }
    },
  };
}

function isComplete(job: KubernetesObject | undefined): boolean {
  const { conditions = [] } = (job?.['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Complete' && status === 'True');
}
