/**
 * What files tell about each other: a DatabaseUser finds the Database of the same input, two owners of one user find each
 * other. What is not among them may still be in the cluster, so its absence is never known.
 */
import { complete } from '../admission/defaults.ts';
import { noFacts, type Fact, type Facts } from '../admission/facts.ts';
import { isObject } from '../admission/json.ts';
import type { KubernetesObject } from '../api/object.ts';
import { isOwnKind } from '../api/schema.ts';
import {
  identityOf,
  isForeign,
  judge,
  placed,
  type Judgement,
  type JudgeOptions,
  type Raw,
} from './validate-object.ts';

/** Judges every object of ours in the light of the others; `olds` are what is stored. The result is in order. */
export function judgeTogether(
  objects: readonly Raw[],
  { now, oldOf }: { readonly now: Date; readonly oldOf: (object: Raw) => KubernetesObject | undefined },
): readonly Judgement[] {
  const alone = objects.map((object) => judge(object, { now, old: oldOf(object) }));
  // Rules may rely on what is stored being sound.
  const sound = objects.filter((object, index) => isForeign(object) || alone[index]?.item.allowed === true);
  const known = sound.map(stored);
  const some = factsOf(known);
  const all: Facts = { ...some, list: (kind, namespace) => fact(listOf(known, kind, namespace)) };
  return objects.map((object) => {
    const options: JudgeOptions = { now, old: oldOf(object) };
    return combine(judge(object, { ...options, facts: some }), judge(object, { ...options, facts: all }));
  });
}

/** Refusals hold whatever else the cluster has; warnings tell what these files leave open. */
function combine(open: Judgement, closed: Judgement): Judgement {
  const { allowed, violations } = closed.item;
  return {
    item: { ...open.item, allowed, violations },
    remarks: [
      ...closed.remarks.filter(({ severity }) => severity === 'deny'),
      ...open.remarks.filter(({ severity }) => severity === 'warn'),
    ],
  };
}

function stored(object: Raw): KubernetesObject {
  const { kind } = identityOf(object);
  return isOwnKind(kind) && !isForeign(object) ? complete(kind, placed(object)).object : placed(object);
}

const fact = <T>(value: T): Fact<T> => ({ known: true, value, ageSeconds: 0 });

const listOf = (objects: readonly KubernetesObject[], kind: string, namespace?: string): readonly KubernetesObject[] =>
  objects.filter(
    (object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace),
  );

function factsOf(objects: readonly KubernetesObject[]): Facts {
  return {
    ...noFacts,
    get: (kind, namespace, name) => {
      const found = listOf(objects, kind, namespace).find(({ metadata }) => metadata.name === name);
      return found === undefined ? { known: false } : fact(found);
    },
    namespaceLabels: (name) => {
      const found = listOf(objects, 'Namespace').find(({ metadata }) => metadata.name === name);
      const labels: unknown = found?.metadata.labels ?? {};
      return found === undefined || !isObject(labels) ? { known: false } : fact(labels as Record<string, string>);
    },
  };
}
