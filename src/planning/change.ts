/**
 * What a change of a Database will do, before it is made: the plan from the state in which nothing was left to be done for
 * the old object to what the new one wants. It is the same `plan` that the loop executes. What only the cluster knows is
 * not in it: work that is still under way, things left over from an earlier life, and roles of pods that are yet to be born.
 */
import type { KubernetesObject } from '../api/object.ts';
import type { Database } from '../api/types.generated.ts';
import { storageSize } from '../desired/configmaps.ts';
import { desiredDifference, desiredObjects } from '../desired/index.ts';
import type { Context, DesiredObject } from '../desired/index.ts';
import { claimName, podName } from '../desired/names.ts';
import type { Engine } from '../engines/engine.ts';
import { changedFields, comparing, differing, sorted, withField } from './differences.ts';
import type { Field } from './differences.ts';
import { growClaims } from './kept.ts';
import { shapeOf } from './observed.ts';
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
 * Plans to several ends from one beginning. What no changed field has to do with is not even rendered: it is wanted alike
 * before and after, so it needs no step.
 */
function plannerOf({ before, after, engine }: Change): (end: Database) => readonly Step[] {
  const context = contextOf(before ?? after, before);
  return (end) => {
    if (before === undefined)
      return plan(nothing, targetOf(end, context, desiredObjects(inOrder(end), engine, context).objects));
    const changed = differing(before.spec, end.spec);
    const wanted = desiredDifference([inOrder(before), inOrder(end)], engine, context, changed);
    const from = settled(targetOf(before, context, wanted.before));
    const target = targetOf(end, context, wanted.after);
    return [...plan(from, target), ...growClaims(bornClaims(from, target), target.storage)];
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

/** The API server sorts members; a file does not. */
const inOrder = (database: Database): Database => ({ ...database, spec: sorted(database.spec) as Database['spec'] });

type PlanContext = Context & Required<Pick<Context, 'primary' | 'fingerprint'>>;

/** What does not follow from the spec is the same before and after. */
function contextOf({ metadata, status }: Database, stored: Database | undefined): PlanContext {
  return {
    ownerUid: metadata.uid ?? '',
    credentials: placeholders,
    agentImage: 'agent',
    primary: status?.currentPrimary ?? podName(metadata.name, 0),
    term: status?.primaryTerm ?? 1,
    initialized: stored !== undefined,
    fingerprint: comparing(),
    // The template of the claims is immutable: it keeps the size that it was made with.
    ...(stored !== undefined && { claimSize: storageSize(stored) }),
  };
}

function targetOf(database: Database, context: PlanContext, objects: readonly DesiredObject[]): Target {
  return {
    objects,
    storage: storageSize(database),
    primary: context.primary,
    members: database.spec.replicas ?? 1,
    fingerprint: context.fingerprint,
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
