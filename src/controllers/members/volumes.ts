/**
 * How full the volumes are of the Databases that let them grow: asked twice a minute, over connections that are closed
 * again. Kept in memory only; a Database is woken when a share has changed by a whole percent.
 */
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { claimNameOf } from '../../desired/names.ts';
import type { Engine } from '../../engines/engine.ts';
import type { MeasuredVolume } from '../../planning/growth.ts';
import { capacityOf } from '../../planning/observed.ts';
import type { Clock } from '../../values/clock.ts';
import type { Caches } from '../caches.ts';
import { targetsOf } from './targets.ts';
import type { Targets } from './targets.ts';

const ROUND_MS = 30_000;
/** Boot scripts look every half minute: whoever has not looked for so long does not look any more. */
const STALE_MS = 180_000;
/** Databases asked at a time. */
const AT_A_TIME = 8;

export interface VolumesOptions {
  readonly caches: Caches;
  readonly clock: Clock;
  readonly engineByName: (name: string) => Engine | undefined;
  readonly wake: (key: string) => void;
}

export interface Volumes {
  /** By name of the pod: what was measured lately, and not before its volume had the capacity that it has. */
  measured(key: string): ReadonlyMap<string, MeasuredVolume>;
  stop(): void;
}

interface Known extends MeasuredVolume {
  readonly at: number;
}

/** The capacity that a claim has, and since when at the latest. */
interface Standing {
  readonly uid: string | undefined;
  readonly capacity: string;
  readonly since: number;
}

export function startVolumes({ caches, clock, engineByName, wake }: VolumesOptions): Volumes {
  let known = new Map<string, ReadonlyMap<string, Known>>();
  let standings = new Map<string, Standing>();
  let cancel = (): void => undefined;
  let stopped = false;

  const standingOf = (namespace: string, pod: string): Standing | undefined => {
    const claim = caches.store(resources.PersistentVolumeClaim)?.get(namespace, claimNameOf(pod));
    const capacity = claim && capacityOf(claim);
    if (claim === undefined || capacity === undefined) return undefined;
    const key = `${namespace}/${pod}`;
    const { uid } = claim.metadata;
    const before = standings.get(key);
    const same = before?.uid === uid && before?.capacity === capacity;
    return same ? before : { uid, capacity, since: clock.now() };
  };

  const ask = async (
    namespace: string,
    { driver, members }: Targets,
    kept: Map<string, Standing>,
  ): Promise<ReadonlyMap<string, Known>> => {
    const found = await Promise.all(
      members.map(async ({ address, ended }): Promise<readonly (readonly [string, Known])[]> => {
        const standing = standingOf(namespace, address.pod);
        if (standing === undefined) return [];
        kept.set(`${namespace}/${address.pod}`, standing);
        if (ended) return [];
        const client = driver.connect(address);
        try {
          const use = await client.volume();
          if (use === undefined) return [];
          const at = clock.now() - use.ageSeconds * 1000;
          const { capacity, since } = standing;
          return at < since ? [] : [[address.pod, { ...use, capacity, at }]];
        } catch {
          // One that does not answer is judged by others' questions.
          return [];
        } finally {
          client.close();
        }
      }),
    );
    return new Map(found.flat());
  };

  const round = async (): Promise<void> => {
    const next = new Map<string, ReadonlyMap<string, Known>>();
    const kept = new Map<string, Standing>();
    const growing = (caches.store(resources.Database)?.list() ?? []).filter(growsByItself);
    const waiting = growing.values();
    const work = async (): Promise<void> => {
      for (const { metadata } of waiting) {
        if (stopped) return;
        const { namespace = '', name } = metadata;
        const key = `${namespace}/${name}`;
        const targets = targetsOf(key, caches, engineByName, 'all');
        if (targets !== undefined) next.set(key, await ask(namespace, targets, kept));
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    if (stopped) return;
    const before = known;
    [known, standings] = [next, kept];
    for (const [key, volumes] of next) if (shares(volumes) !== shares(before.get(key))) wake(key);
  };
  const again = (): void => {
    cancel = clock.after(ROUND_MS, () => void round().finally(() => stopped || again()));
  };
  again();

  return {
    measured: (key) => new Map([...(known.get(key) ?? [])].filter(([, { at }]) => clock.now() - at <= STALE_MS)),
    stop() {
      stopped = true;
      cancel();
    },
  };
}

const growsByItself = (object: KubernetesObject): boolean => {
  const { metadata, spec } = object as Database;
  return spec.storage?.autoGrow !== undefined && metadata.deletionTimestamp === undefined && spec.paused !== true;
};

const shares = (volumes: ReadonlyMap<string, Known> | undefined): string =>
  [...(volumes ?? [])]
    .map(
      ([pod, { usedBytes, sizeBytes, capacity }]) => `${pod} ${Math.floor((usedBytes / sizeBytes) * 100)} ${capacity}`,
    )
    .sort()
    .join();
