/**
 * What a change of a Database will do, before it is made: the plan from the state in which nothing was left to be done for
 * the old object to what the new one wants. It is the same `plan` that the loop executes. What only the cluster knows is
 * not in it: work that is still under way, things left over from an earlier life, and roles of pods that are yet to be born.
 */
import type { KubernetesObject } from '../api/object.ts';
import type { Database } from '../api/types.generated.ts';
import { storageSize } from '../desired/configmaps.ts';
import { canonicalJson } from '../desired/hash.ts';
import { desiredObjects } from '../desired/index.ts';
import type { Context, DesiredObject } from '../desired/index.ts';
import { claimName, podName } from '../desired/names.ts';
import type { Engine } from '../engines/engine.ts';
import { changedFields, same, withField } from './differences.ts';
import type { Field } from './differences.ts';
import { growClaims } from './kept.ts';
import { keyOf, shapeOf } from './observed.ts';
import type { Observed, Target } from './observed.ts';
import { plan, settled } from './plan.ts';
import { impacts } from './step.ts';
import type { Impact, Step } from './step.ts';

/** Both with their defaults. */
export interface Change {
  /** Undefined: it is made for the first time. */
  readonly before: Database | undefined;
  readonly after: Database;
  readonly engine: Engine;
}

/** Only names count: contents of Secrets are never planned. */
const placeholders = { password: '-', superuserPassword: '-', replicationPassword: '-', monitorPassword: '-' };

const nothing: Observed = { children: [], pods: [], claims: [] };

/** Empty for an engine that is not run by this release. */
export const planChange = (change: Change): readonly Step[] => plannerOf(change)(change.after);

/**
 * Plans to several ends from one beginning. What is wanted before and after alike is left out on both sides: it needs no
 * step, and to prove that by hashes costs more than all the rest.
 */
function plannerOf({ before, after, engine }: Change): (end: Database) => readonly Step[] {
  const context = contextOf(before ?? after, before);
  const start = before && targetOf(before, engine, context);
  const known = new Map(start?.objects.map((desired) => [keyOf(desired), desired]));
  return (end) => {
    const target = targetOf(end, engine, context);
    if (start === undefined) return plan(nothing, target);
    const alike = new Set(target.objects.filter((desired) => isAlike(desired, known.get(keyOf(desired)))).map(keyOf));
    const differing = (of: Target): Target => ({ ...of, objects: of.objects.filter((one) => !alike.has(keyOf(one))) });
    const [from, to] = [settled(differing(start)), differing(target)];
    return [...plan(from, to), ...growClaims(bornClaims(from, to), to.storage)];
  };
}

/** Claims that a larger set will make from its template, which keeps the size that it was made with. */
function bornClaims({ claims }: Observed, target: Target): readonly KubernetesObject[] {
  const set = target.objects.find(({ resource }) => resource.kind === 'StatefulSet')?.object;
  if (set === undefined) return [];
  const { replicas, claimTemplates } = shapeOf(set);
  const known = new Set(claims.map(({ metadata }) => metadata.name));
  const { namespace } = set.metadata;
  const place = namespace === undefined ? {} : { namespace };
  return Array.from({ length: replicas }, (_, ordinal) => claimName(set.metadata.name, ordinal))
    .filter((name) => !known.has(name))
    .flatMap((name) =>
      claimTemplates.map((template) => ({ ...template, metadata: { ...template.metadata, ...place, name } })),
    );
}

/** The StatefulSet always counts: pods and volumes follow from it. */
const isAlike = (one: DesiredObject, other: DesiredObject | undefined): boolean =>
  one.resource.kind !== 'StatefulSet' && same(one.object, other?.object);

/** The API server sorts members; a file does not. */
const inOrder = (database: Database): Database => ({
  ...database,
  spec: JSON.parse(canonicalJson(database.spec)) as Database['spec'],
});

/** What does not follow from the spec is the same before and after. */
function contextOf({ metadata, status }: Database, stored: Database | undefined): Context {
  return {
    ownerUid: metadata.uid ?? '',
    credentials: placeholders,
    agentImage: 'agent',
    primary: status?.currentPrimary ?? podName(metadata.name, 0),
    term: status?.primaryTerm ?? 1,
    initialized: stored !== undefined,
    // The template of the claims is immutable: it keeps the size that it was made with.
    ...(stored !== undefined && { claimSize: storageSize(stored) }),
  };
}

function targetOf(database: Database, engine: Engine, context: Context): Target {
  return {
    objects: desiredObjects(inOrder(database), engine, context).objects,
    storage: storageSize(database),
    primary: context.primary ?? podName(database.metadata.name, 0),
    members: database.spec.replicas ?? 1,
  };
}

/** The dearest of the steps. */
export const worstOf = (steps: readonly Pick<Step, 'impact'>[]): Impact =>
  steps.reduce<Impact>((worst, { impact }) => (exceeds(impact, worst) ? impact : worst), 'none');

export const exceeds = (impact: Impact, limit: Impact): boolean => impacts.indexOf(impact) > impacts.indexOf(limit);

/**
 * Fields each of which alone would cost more than `limit`. Empty where only several of them together do, or none does.
 */
export function causesOf(change: Change, limit: Impact): readonly Field[] {
  const { before, after } = change;
  if (before === undefined) return [];
  const planTo = plannerOf(change);
  return changedFields(before.spec, after.spec).filter((field) => {
    const spec = withField(before.spec, field.path, field.after) as Database['spec'];
    return exceeds(worstOf(planTo({ ...before, spec })), limit);
  });
}
