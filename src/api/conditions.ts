/** metav1.Condition as KEP-1623 wants it: `lastTransitionTime` tells when `status` last changed, and nothing else. */
import type { Condition } from './object.ts';

/** What a condition says, before it is known since when. */
export type ConditionClaim = Omit<Condition, 'lastTransitionTime'>;

/** metav1.Condition's limit, in characters. */
const longestMessage = 32_768;

export const getCondition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type);

export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  getCondition(conditions, type)?.status === 'True';

/** RFC 3339 with seconds, as metav1.Time is written. */
export const timestamp = (now: Date): string => `${now.toISOString().slice(0, 19)}Z`;

/** The list with the condition set; the very same list when nothing changes. Order stays; a new type goes to the end. */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  claim: ConditionClaim,
  now: Date,
): readonly Condition[] {
  const list = conditions ?? [];
  const before = getCondition(list, claim.type);
  const since = before?.status === claim.status ? before.lastTransitionTime : timestamp(now);
  const after: Condition = { ...claim, message: claim.message.slice(0, longestMessage), lastTransitionTime: since };
  if (before === undefined) return [...list, after];
  return isSame(before, after) ? list : list.map((condition) => (condition === before ? after : condition));
}

/** Several at once, in the order given. */
export const setConditions = (
  conditions: readonly Condition[] | undefined,
  claims: readonly ConditionClaim[],
  now: Date,
): readonly Condition[] =>
  claims.reduce<readonly Condition[]>((list, claim) => setCondition(list, claim, now), conditions ?? []);

export function removeCondition(conditions: readonly Condition[] | undefined, type: string): readonly Condition[] {
  const list = conditions ?? [];
  return list.some((condition) => condition.type === type) ? list.filter((condition) => condition.type !== type) : list;
}

const isSame = (a: Condition, b: Condition): boolean =>
  a.status === b.status &&
  a.reason === b.reason &&
  a.message === b.message &&
  a.lastTransitionTime === b.lastTransitionTime &&
  a.observedGeneration === b.observedGeneration;

/** Deep equality of two statuses as JSON: key order and undefined fields don't count, so an equal one is not written. */
export function sameStatus(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameStatus(item, b[index]));
  }
  const [left, right] = [present(a), present(b)];
  return (
    left.size === right.size && [...left].every(([key, value]) => right.has(key) && sameStatus(value, right.get(key)))
  );
}

const present = (value: object): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(value).filter(([, child]) => child !== undefined));
