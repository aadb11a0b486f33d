/** Missing or stale facts turn a refusal into a warning, never into a verdict. Held for every rule by its own examples. */
import assert from 'node:assert/strict';
import { decide } from './decide.ts';
import { noFacts, type Facts, type Unknown } from './facts.ts';
import type { Example, Rule } from './rule.ts';
import { database } from './rules/examples.ts';
import { rules } from './rules/index.ts';
import { deletionOf, requestFor } from './testing.ts';

const now = new Date('2026-11-20T12:00:00Z');
const stale: Unknown = { known: false, why: 'the operator has not heard of it for 4 min' };
const staleFacts: Facts = {
  storageClasses: () => stale,
  namespaceLabels: () => stale,
  secretKeys: () => stale,
  get: () => stale,
  list: () => stale,
};

const decisionOf = ({ operation, object, oldObject }: Example, facts: Facts, table: readonly Rule[]) =>
  decide(operation === 'DELETE' ? deletionOf(object) : requestFor(object, oldObject), { now, facts, rules: table });

describe('unknown facts', () => {
  const examples = rules.flatMap((rule) =>
    rule.severity === 'deny' ? rule.refused.map((example) => ({ rule, example })) : [],
  );
  const needing = examples.filter(
    ({ rule, example }) =>
      example.facts !== undefined &&
      !decisionOf(example, noFacts, [rule]).findings.some(
        ({ rule: id, severity }) => id === rule.id && severity === 'deny',
      ),
  );

  it('are what many refusals rest on', () => assert.ok(needing.length >= 20, String(needing.length)));

  for (const { rule, example } of needing) {
    it(`${rule.id} ${example.title}: not refused`, () => {
      const { findings } = decisionOf(example, staleFacts, [rule]);
      assert.deepEqual(
        findings.filter(({ severity }) => severity === 'deny'),
        [],
      );
    });

    it(`${rule.id} ${example.title}: told, where there is a cluster`, () => {
      const { warnings } = decisionOf(example, staleFacts, rules);
      assert.ok(
        warnings.some((text) => text.includes('not checked')),
        JSON.stringify(warnings),
      );
    });
  }

  it('that will stay unknown are not told where nobody wrote of them', () => {
    const never: Unknown = { known: false, why: 'the operator watches some namespaces only', lasting: true };
    const facts: Facts = { ...noFacts, get: () => never, list: () => never };
    assert.deepEqual(decisionOf({ title: '', object: database() }, facts, rules).warnings, []);
    const { warnings } = decisionOf({ title: '', object: database() }, staleFacts, rules);
    assert.match(warnings.join(' '), /not checked: whether a RedisCluster has the name \(the operator has not heard/);
  });
});
