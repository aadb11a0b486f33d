/** What happens in a soak, drawn from a seed: the same seed draws the same sequence. */
import type { Random } from '../../fuzz/random.ts';

export type Action =
  | { readonly do: 'create' | 'change' | 'delete' | 'hibernate'; readonly name: string; readonly value: number }
  /** Somebody's hand in what is ours. */
  | { readonly do: 'vandalise'; readonly name: string; readonly what: Vandalism }
  | { readonly do: 'kill' | 'cut' | 'restartApiServer' | 'newCertificate' };

export const vandalisms = [
  'deleteService',
  'editConfigMap',
  'dropLabel',
  'deleteStatefulSet',
  'scaleStatefulSet',
] as const;
export type Vandalism = (typeof vandalisms)[number];

export interface Weights {
  /** Rare troubles happen so many times in a thousand actions. */
  readonly kill: number;
  readonly cut: number;
  readonly restartApiServer: number;
  readonly newCertificate: number;
}

export const usual: Weights = { kill: 12, cut: 12, restartApiServer: 5, newCertificate: 5 };

/** The next action, given which Databases there are and how many there may be. */
export function nextAction(random: Random, present: readonly string[], most: number, weights = usual): Action {
  const dice = random.below(1000);
  let edge = 0;
  for (const [what, weight] of Object.entries(weights)) {
    edge += weight as number;
    if (dice < edge) return { do: what as keyof Weights };
  }
  const absent = Array.from({ length: most }, (_, index) => `db-${index}`).filter((name) => !present.includes(name));
  if (present.length === 0 || (absent.length > 0 && random.chance(30)))
    return { do: 'create', name: random.pick(absent), value: random.below(4) };
  const name = random.pick(present);
  const kind = random.below(100);
  if (kind < 20) return { do: 'delete', name, value: 0 };
  if (kind < 60) return { do: 'change', name, value: random.below(400) };
  if (kind < 65) return { do: 'hibernate', name, value: random.below(2) };
  return { do: 'vandalise', name, what: random.pick(vandalisms) };
}
