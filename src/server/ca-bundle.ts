/**
 * Keeps `caBundle` of the operator's own webhook configurations right: a wrong one means that every write to our kinds
 * fails, so the configurations are watched and mended within a second. A configuration that cert-manager injects into is
 * left to it, and someone who keeps changing it back meets growing pauses instead of a storm of writes.
 */
import type { KubernetesObject, ObjectRef, Resource } from '../api/object.ts';
import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration, refOf } from '../api/resources.ts';
import type { JsonPatch, KubernetesClient } from '../kubernetes/client.ts';
import { isNotFound } from '../kubernetes/errors.ts';
import { createMemoryStore, type MutableStore } from '../kubernetes/memory-store.ts';
import { startReflector } from '../kubernetes/reflector.ts';
import type { Logger } from '../observe/logger.ts';
import type { Clock, Random } from '../values/clock.ts';
import { caName } from './issuer.ts';
import { splitBundle } from './selfsigned-state.ts';

export interface PublisherOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Name of both configurations. */
  readonly name: string;
  /** Keep other CAs of ours that are still valid: when replicas don't share theirs. */
  readonly keepOthers: boolean;
}

export interface Publisher {
  /** From now on these CAs (PEM, newest first) belong into the bundle; resolves when they are in, or nothing is there to hold them. */
  readonly publish: (cas: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const mostCas = 4;
const firstPause = 200;
const longestPause = 30_000;
const calmAfter = 60_000;

interface WebhookEntry {
  readonly name: string;
  readonly clientConfig?: { readonly caBundle?: string };
}

/** What to change in one configuration; empty when it is right. */
export function bundlePatch(
  configuration: KubernetesObject,
  cas: readonly string[],
  options: { readonly keepOthers: boolean; readonly now: number },
): JsonPatch {
  const webhooks = (configuration['webhooks'] ?? []) as readonly WebhookEntry[];
  return webhooks.flatMap(({ name, clientConfig }, index) => {
    const present = Buffer.from(clientConfig?.caBundle ?? '', 'base64').toString();
    const bundle = Buffer.from(wantedBundle(present, cas, options)).toString('base64');
    if (bundle === clientConfig?.caBundle) return [];
    return [
      { op: 'test', path: `/webhooks/${index}/name`, value: name } as const,
      { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: bundle } as const,
    ];
  });
}

function wantedBundle(
  present: string,
  cas: readonly string[],
  { keepOthers, now }: { readonly keepOthers: boolean; readonly now: number },
): string {
  const own = cas.flatMap(splitBundle);
  const known = new Set(own.map(({ fingerprint256 }) => fingerprint256));
  const others = keepOthers
    ? splitBundle(present).filter(
        (ca) => !known.has(ca.fingerprint256) && ca.ca && ca.subject.includes(caName) && ca.validToDate.getTime() > now,
      )
    : [];
  const newest = others.toSorted((a, b) => b.validFromDate.getTime() - a.validFromDate.getTime());
  // Sorted, so that replicas with the same set agree on the text.
  return [...own, ...newest.slice(0, Math.max(0, mostCas - own.length))]
    .toSorted((a, b) => a.fingerprint256.localeCompare(b.fingerprint256))
    .map((ca) => `${ca.toString().trim()}\n`)
    .join('');
}

const injected = (configuration: KubernetesObject): boolean =>
  Object.keys(configuration.metadata.annotations ?? {}).some((key) => key.startsWith('cert-manager.io/inject-'));

interface Keeper {
  readonly store: MutableStore;
  stop(): Promise<void>;
  mend(): Promise<void>;
}

export function startPublisher(options: PublisherOptions): Publisher {
  let cas: readonly string[] = [];
  const keepers = [ValidatingWebhookConfiguration, MutatingWebhookConfiguration].map((resource) =>
    startKeeper(resource, () => cas, options),
  );
  return {
    publish: async (next) => {
      cas = next;
      await Promise.all(keepers.map((keeper) => keeper.mend()));
    },
    stop: async () => {
      await Promise.all(keepers.map((keeper) => keeper.stop()));
    },
  };
}

function startKeeper(resource: Resource, cas: () => readonly string[], options: PublisherOptions): Keeper {
  const { client, clock, random, logger, name } = options;
  const store = createMemoryStore();
  const pacing = { pause: firstPause, last: Number.NEGATIVE_INFINITY, stopped: false };
  let cancel: (() => void) | undefined;

  const mendNow = async (configuration: KubernetesObject | undefined): Promise<void> => {
    if (configuration === undefined || pacing.stopped || cas().length === 0) return;
    if (injected(configuration)) {
      logger.warn({ kind: resource.kind, name }, 'cert-manager injects the caBundle here: it is left alone');
      return;
    }
    const patch = bundlePatch(configuration, cas(), { ...options, now: clock.now() });
    if (patch.length === 0) return;
    const ref: ObjectRef = refOf(resource, configuration);
    await client.jsonPatch(ref, patch).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    logger.info({ kind: resource.kind, name }, 'caBundle set');
  };
  const schedule = (): void => {
    if (pacing.stopped || cancel !== undefined) return;
    const now = clock.now();
    pacing.pause = now - pacing.last > calmAfter ? firstPause : Math.min(longestPause, pacing.pause * 2);
    pacing.last = now;
    cancel = clock.after(pacing.pause, () => {
      cancel = undefined;
      mendNow(store.get(undefined, name)).catch((error: unknown) => {
        logger.warn({ error, kind: resource.kind, name }, 'the caBundle could not be set: trying again');
        schedule();
      });
    });
  };
  store.onChange(({ after }) => {
    if (after === undefined || cas().length === 0) return;
    if (bundlePatch(after, cas(), { ...options, now: clock.now() }).length > 0) schedule();
  });
  const reflector = startReflector({ client, clock, random, store, resource, fieldSelector: `metadata.name=${name}` });
  return {
    store,
    // Read afresh: what the watch has told may be behind what was just written.
    mend: async () => mendNow(await client.get({ resource, name })),
    stop: async () => {
      pacing.stopped = true;
      cancel?.();
      await reflector.stop();
    },
  };
}
