/**
 * One member at a time may be evicted. A lone database may be evicted too: a budget that forbids it would only block
 * every node drain for ever. A member that is not ready has nothing to protect.
 */
import type { KubernetesObject } from '../api/object.ts';
import { PodDisruptionBudget } from '../api/resources.ts';
import { child, type Input } from './context.ts';
import { selectorOf } from './labels.ts';

export function podDisruptionBudget(input: Input): KubernetesObject {
  const { name } = input.database.metadata;
  const spec = {
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector: { matchLabels: selectorOf(name) },
  };
  return child(input, PodDisruptionBudget, name, { spec });
}
