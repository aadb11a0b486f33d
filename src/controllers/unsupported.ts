/** Kinds that are admitted and checked, and that this release does not act on yet: their status says so. */
import { recheck } from '../admission/decide.ts';
import type { Facts } from '../admission/facts.ts';
import type { KubernetesObject, Condition, Resource } from '../api/object.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { conditionsOf } from '../status/conditions.ts';
import type { Verdict } from '../status/conditions.ts';
import type { Clock } from '../values/clock.ts';
import type { Caches } from './caches.ts';
import { writeStatus } from './database/status.ts';
import type { Outcome } from './loop.ts';

export interface UnsupportedDeps {
  readonly client: KubernetesClient;
  readonly caches: Caches;
  readonly facts: Facts;
  readonly clock: Clock;
}

/** `key` is namespace/name. */
export const reconcileUnsupported =
  (resource: Resource) =>
  async (key: string, deps: UnsupportedDeps): Promise<Outcome> => {
    const [namespace = '', name = ''] = key.split('/');
    const object = deps.caches.store(resource)?.get(namespace, name);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return {};
    const now = new Date(deps.clock.now());
    const findings = recheck(object, { now, facts: deps.facts });
    const before = (object['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
    const fields = [...new Set(findings.map(({ field }) => field))];
    const conditions = conditionsOf(verdicts(object, fields), before.conditions, now, object.metadata.generation);
    await writeStatus(object, { ...before, phase: 'Pending', conditions }, deps.client);
    return {};
  };

const verdicts = ({ kind }: KubernetesObject, fields: readonly string[]): readonly Verdict[] => [
  {
    type: 'Ready',
    status: 'False',
    reason: 'KindNotSupported',
    message: `this release checks and keeps a ${kind} and does not act on it yet`,
  },
  fields.length === 0
    ? { type: 'AdmissionValid', status: 'True', reason: 'Valid', message: 'the rules of admission hold' }
    : {
        type: 'AdmissionValid',
        status: 'False',
        reason: 'Invalid',
        message: `these fields are to be put right: ${fields.join(', ')}`,
      },
];
