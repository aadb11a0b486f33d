/**
 * Which rules have a say about an object: those that need no field, and those whose field it has. Most objects say little,
 * and what they leave out costs nothing then, however many rules there are about it.
 */
import type { KubernetesObject } from '../api/object.ts';
import { isObject } from './json.ts';
import type { Rule } from './rule.ts';

/** Rules by the names on the way to their field, as the object is nested. */
interface Branch {
  readonly rules: Rule[];
  readonly below: Map<string, Branch>;
}

export type RuleIndex = Readonly<Branch>;

const emptyBranch = (): Branch => ({ rules: [], below: new Map() });

export function indexed(rules: readonly Rule[]): RuleIndex {
  const root = emptyBranch();
  for (const rule of rules) {
    const names = (rule.needs ?? '').split('.').filter((name) => name !== '');
    const branch = names.reduce((parent, name) => {
      const child = parent.below.get(name) ?? emptyBranch();
      parent.below.set(name, child);
      return child;
    }, root);
    branch.rules.push(rule);
  }
  return root;
}

/** In no order that means anything. */
export function rulesAbout(object: KubernetesObject, index: RuleIndex): readonly Rule[] {
  const found = [...index.rules];
  collect(object, index, found);
  return found;
}

function collect(value: Readonly<Record<string, unknown>>, { below }: RuleIndex, found: Rule[]): void {
  if (below.size === 0) return;
  for (const name of Object.keys(value)) {
    const branch = below.get(name);
    const inner = value[name];
    if (branch === undefined || inner === undefined) continue;
    for (const rule of branch.rules) found.push(rule);
    if (isObject(inner)) collect(inner, branch, found);
  }
}
