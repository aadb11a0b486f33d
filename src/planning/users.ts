/**
 * What a DatabaseUser's credential is to be: made, kept, changed, and until when the one before it stays valid. What is known
 * of it stands in its Secret and nowhere else, so a pass that ended in the middle is simply done again. Pure.
 *
 * A rotation goes to the other login (or gives the same login a second password): whoever still has the old credential is
 * not disturbed until the next rotation. docs/adr/0012.
 */
import type { KubernetesObject } from '../api/object.ts';
import { sha256 } from '../engines/hashes.ts';
import type { UserNames } from '../engines/users.ts';

/** As the Secret tells it. */
export interface KeptCredential {
  readonly login: string;
  readonly password: string;
  /** Milliseconds since the epoch; undefined: unknown. */
  readonly changedAt: number | undefined;
  readonly previous?: PreviousCredential;
}

export interface PreviousCredential {
  readonly login: string;
  /** Hex. */
  readonly sha256: string;
}

export interface CredentialInput {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly names: UserNames;
  readonly kept: KeptCredential | undefined;
  /** The person's own password. */
  readonly chosen: string | undefined;
  /** Milliseconds between two changes. */
  readonly interval: number | undefined;
  readonly rotateNow: boolean;
  /** From a CSPRNG. */
  readonly newPassword: () => string;
}

export interface CredentialPlan {
  readonly action: 'made' | 'kept' | 'rotated' | 'chosen';
  readonly login: string;
  readonly password: string;
  readonly changedAt: number;
  /** Still valid. */
  readonly previous?: PreviousCredential;
  /** When something has to be done again. */
  readonly next?: number;
}

/** How long the old credential stays valid after a change that nobody planned. */
const graceMs = 24 * 3_600_000;

export function planCredential(input: CredentialInput): CredentialPlan {
  const { now, names, kept, chosen, interval } = input;
  if (chosen !== undefined) return ownChoice(chosen, input);
  // Without its Secret nobody knows the old password: nothing of it stays valid, and that is how a leak is ended.
  if (kept === undefined || !isOf(kept.login, names)) {
    return withNext({ action: 'made', login: names.name, password: input.newPassword(), changedAt: now }, input);
  }
  const changedAt = kept.changedAt ?? now;
  if (input.rotateNow || (interval !== undefined && changedAt + interval <= now)) return rotated(kept, input);
  const isValid = kept.previous !== undefined && changedAt + (interval ?? graceMs) > now;
  const { login, password, previous } = kept;
  return withNext({ action: 'kept', login, password, changedAt, ...(isValid && { previous }) }, input);
}

function rotated({ login, password }: KeptCredential, input: CredentialInput): CredentialPlan {
  const { name, alternate = name } = input.names;
  const previous = { login, sha256: sha256(password) };
  const other = login === name ? alternate : name;
  return withNext(
    { action: 'rotated', login: other, password: input.newPassword(), changedAt: input.now, previous },
    input,
  );
}

function ownChoice(password: string, { kept, names: { name }, now }: CredentialInput): CredentialPlan {
  const isSame = kept?.password === password && kept.login === name;
  const changedAt = (isSame ? kept.changedAt : undefined) ?? now;
  return { action: isSame ? 'kept' : 'chosen', login: name, password, changedAt };
}

const isOf = (login: string, { name, alternate }: UserNames): boolean => login === name || login === alternate;

function withNext(plan: Omit<CredentialPlan, 'next'>, { interval }: CredentialInput): CredentialPlan {
  if (interval !== undefined) return { ...plan, next: plan.changedAt + interval };
  return plan.previous === undefined ? plan : { ...plan, next: plan.changedAt + graceMs };
}

/** One object's claim to names inside a server. */
export interface Claim {
  readonly object: KubernetesObject;
  readonly names: readonly string[];
}

/** Who has the names of `mine` by the right of the older one; undefined: nobody. */
export function olderClaim(mine: Claim, others: readonly Claim[]): KubernetesObject | undefined {
  const names = new Set(mine.names);
  const rivals = others.filter(
    (other) => other.object.metadata.uid !== mine.object.metadata.uid && other.names.some((name) => names.has(name)),
  );
  return rivals.map(({ object }) => object).find((object) => age(object) < age(mine.object));
}

/** Sorts by age; the uid decides where two are of the same second. */
const age = ({ metadata }: KubernetesObject): string => `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`;

export interface CopyPlan {
  readonly present: readonly string[];
  /** Namespaces without consent, or of which nobody knows. */
  readonly refused: readonly string[];
}

/** Namespaces that get a copy. `consents` answers undefined where the labels of a namespace can't be read. */
export function planCopies(
  wanted: readonly string[],
  own: string,
  consents: (namespace: string) => boolean | undefined,
): CopyPlan {
  const others = [...new Set(wanted)].filter((namespace) => namespace !== own).sort();
  return {
    present: others.filter((namespace) => consents(namespace) === true),
    refused: others.filter((namespace) => consents(namespace) !== true),
  };
}
