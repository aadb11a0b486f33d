/** One try to take, renew or give back a Lease. The rules are at the top of lease.ts. */
import type { KubernetesObject, ObjectRef } from '../api/object.ts';
import { Lease, apiVersion } from '../api/resources.ts';
import type { Clock } from '../values/clock.ts';
import type { KubernetesClient } from './client.ts';
import { isAlreadyExists, isConflict } from './errors.ts';
import { microTime } from './microtime.ts';

export interface AttemptOptions {
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly place?: string;
  readonly leaseMilliseconds: number;
  readonly renewMilliseconds: number;
}

export interface Attempt {
  /** True when the lease is ours afterwards; false when it is another's, or another was faster. Rejects when nobody knows. */
  run(): Promise<boolean>;
  /** Gives it back if it is ours. */
  release(): Promise<void>;
  holder(): string | undefined;
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

interface Seen {
  readonly version: string;
  readonly spec: LeaseSpec;
  /** Local time at which this version was first seen. */
  readonly at: number;
}

/** Rejects after `milliseconds`: an unanswered request must not outlive the deadline it was meant to keep. */
async function within<T>(clock: Clock, milliseconds: number, promise: Promise<T>): Promise<T> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(milliseconds, () => reject(new Error(`lease: no answer within ${milliseconds / 1000} s`)));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel();
  }
}

function heldSpec(options: AttemptOptions, known: LeaseSpec | undefined): LeaseSpec {
  const now = microTime(options.clock.now());
  const mine = known?.holderIdentity === options.identity;
  const transitions = known?.leaseTransitions ?? 0;
  return {
    holderIdentity: options.identity,
    leaseDurationSeconds: Math.max(1, Math.round(options.leaseMilliseconds / 1000)),
    acquireTime: mine ? (known.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: mine || known === undefined ? transitions : transitions + 1,
  };
}

const newLease = (options: AttemptOptions): KubernetesObject => ({
  apiVersion: apiVersion(Lease),
  kind: Lease.kind,
  metadata: { name: options.name, namespace: options.namespace },
  spec: heldSpec(options, undefined),
});

export function createAttempt(options: AttemptOptions): Attempt {
  const { client, clock, namespace, name, identity, place, leaseMilliseconds } = options;
  const ref: ObjectRef = { resource: Lease, namespace, name };
  const requestMilliseconds = Math.max(1000, options.renewMilliseconds / 2);
  let seen: Seen | undefined;

  const observe = (object: KubernetesObject): Seen => {
    const version = object.metadata.resourceVersion ?? '';
    if (seen?.version !== version) seen = { version, spec: object['spec'] ?? {}, at: clock.now() };
    return seen;
  };
  /** Guarded by the version we decided on: of two that decide at once, one gets a conflict. */
  const write = async (known: Seen, spec: object): Promise<void> => {
    observe(await client.mergePatch(ref, { metadata: { resourceVersion: known.version }, spec }));
  };
  const mayTake = ({ spec, at }: Seen): boolean => {
    const { holderIdentity = '', leaseDurationSeconds = leaseMilliseconds / 1000 } = spec;
    const isOurs = holderIdentity === identity || (place !== undefined && holderIdentity.startsWith(place));
    return holderIdentity === '' || isOurs || clock.now() - at >= leaseDurationSeconds * 1000;
  };
  const take = async (): Promise<boolean> => {
    // A leader renews without looking; if somebody else wrote meanwhile, the guard says so.
    const object = seen?.spec.holderIdentity === identity ? undefined : await client.get(ref);
    if (object === undefined && seen?.spec.holderIdentity !== identity) {
      observe(await client.create(Lease, newLease(options)));
      return true;
    }
    const known = object === undefined ? seen : observe(object);
    if (known === undefined || !mayTake(known)) return false;
    await write(known, heldSpec(options, known.spec));
    return true;
  };

  return {
    holder: () => seen?.spec.holderIdentity,
    async run() {
      try {
        return await within(clock, requestMilliseconds, take());
      } catch (error) {
        // Look before the next try. Who holds it is unknown until then, and its age counts from that look.
        if (seen?.spec.holderIdentity === identity) seen = undefined;
        if (isConflict(error) || isAlreadyExists(error)) return false;
        throw error;
      }
    },
    async release() {
      const known = seen;
      if (known?.spec.holderIdentity !== identity) return;
      const now = microTime(clock.now());
      const spec = { holderIdentity: null, leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
      await within(clock, requestMilliseconds, write(known, spec));
    },
  };
}
