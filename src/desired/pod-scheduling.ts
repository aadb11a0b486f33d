/** Where pods may run, and which images they may pull: the user's knobs, and a spread by preference. */
import type { Affinity, Database } from '../api/types.generated.ts';
import { selectorOf } from './labels.ts';

type Json = Readonly<Record<string, unknown>>;

/** A member of an object that is left out when there is no value. */
export const optional = (key: string, value: unknown): Json => (value === undefined ? {} : { [key]: value });

/** Knobs that backup pods share with the servers. */
export function schedulingKnobs(database: Database): Json {
  const knobs = database.spec.podTemplate ?? {};
  return {
    ...optional('nodeSelector', knobs.nodeSelector),
    ...optional('tolerations', knobs.tolerations),
    ...optional('priorityClassName', knobs.priorityClassName),
    ...optional('imagePullSecrets', knobs.imagePullSecrets),
  };
}

/** Members prefer different nodes, then different zones; a pod affinity of the user's own takes its place. */
export function spread(name: string, affinity: Affinity | undefined): Json {
  if (affinity?.podAntiAffinity !== undefined) return { ...affinity };
  const term = (topologyKey: string): Json => ({ labelSelector: { matchLabels: selectorOf(name) }, topologyKey });
  return {
    ...affinity,
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, podAffinityTerm: term('kubernetes.io/hostname') },
        { weight: 50, podAffinityTerm: term('topology.kubernetes.io/zone') },
      ],
    },
  };
}

/** A constraint without a selector would count no pod at all: it means this database's. */
export const constraints = (database: Database): Json[] | undefined =>
  database.spec.podTemplate?.topologySpreadConstraints?.map((constraint) => ({
    ...constraint,
    labelSelector: constraint.labelSelector ?? { matchLabels: selectorOf(database.metadata.name) },
  }));
