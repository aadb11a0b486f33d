import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { KubernetesObject } from '../api/object.ts';
import { complete } from './defaults.ts';
import { evaluate, schemaRule } from './evaluate.ts';
import type { Subject } from './evaluate.ts';
import { noFacts } from './facts.ts';
import type { RuleFinding } from './finding.ts';
import { isObject, without } from './json.ts';
import type { JsonObject } from './json.ts';
import { indexed, rulesAbout } from './rule-index.ts';
import type { Example, OwnKind, Rule } from './rule.ts';
import { rules } from './rules/index.ts';

const now = new Date('2026-11-20T12:00:00Z');
const askedAlways = (rule: Rule): Rule => ({ ...rule, needs: '' });
const all = rules.map(askedAlways);
const ofRules = (findings: readonly RuleFinding[]) => findings.filter(({ rule }) => rule !== schemaRule);

const examplesOf = (kind: OwnKind): readonly Example[] =>
  rules.filter((rule) => rule.kind === kind).flatMap(({ accepted, refused }) => [...accepted, ...refused]);

function subjectOf(kind: OwnKind, object: KubernetesObject, oldObject: KubernetesObject | undefined): Subject {
  return {
    kind,
    operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
    written: object,
    object: complete(kind, object, oldObject).object,
    oldObject: oldObject && complete(kind, oldObject).object,
    user: { username: 'jane', groups: [] },
  };
}

describe('the index of rules', () => {
  const ids = (object: unknown, table: readonly Pick<Rule, 'id' | 'needs'>[]): readonly string[] =>
    rulesAbout(object as KubernetesObject, indexed(table as readonly Rule[])).map(({ id }) => id);
  const table = [{ id: 'A' }, { id: 'B', needs: 'spec.x' }, { id: 'C', needs: 'spec.x.y' }];
  const objects: readonly (readonly [object: unknown, asked: readonly string[]])[] = [
    [{}, ['A']],
    [{ spec: { x: 1 } }, ['A', 'B']],
    [{ spec: { x: { y: false } } }, ['A', 'B', 'C']],
    [{ spec: { x: { y: undefined } } }, ['A', 'B']],
    [{ spec: { x: [{ y: 1 }] } }, ['A', 'B']],
    [{ spec: null }, ['A']],
  ];
  for (const [object, asked] of objects) {
    it(`asks ${asked.join()} about ${JSON.stringify(object)}`, () => assert.deepEqual(ids(object, table), asked));
  }

  it('leaves out only rules that are silent without their field', () => {
    for (const rule of rules) {
      if (rule.needs === undefined) continue;
      const alone = { now, rules: [askedAlways(rule)] };
      for (const { object, oldObject, facts } of examplesOf(rule.kind)) {
        const subject = subjectOf(rule.kind, object, oldObject);
        const lacking = { ...subject, object: without(subject.object, rule.needs) };
        const { findings } = evaluate(lacking, { ...alone, facts: { ...noFacts, ...facts } });
        assert.deepEqual(ofRules(findings), [], rule.id);
      }
    }
  });

  it('finds what asking every rule finds, on mixtures of all examples with parts taken out', () => {
    const kinds = [...new Set(rules.map(({ kind }) => kind))];
    const mixture = fc.constantFrom(...kinds).chain((kind) =>
      fc.record({
        kind: fc.constant(kind),
        parts: fc.array(fc.constantFrom(...examplesOf(kind)), { minLength: 1, maxLength: 4 }),
        stored: fc.option(fc.constantFrom(...examplesOf(kind)), { nil: undefined }),
        lost: fc.array(fc.nat(1000), { maxLength: 3 }),
      }),
    );
    let spoke = 0;
    const property = fc.property(mixture, ({ kind, parts, stored, lost }) => {
      const [first] = parts;
      assert.ok(first);
      const whole = { ...first.object, spec: parts.reduce((spec, { object }) => merged(spec, object['spec']), {}) };
      const object = lost.reduce<KubernetesObject>(withoutOne, whole);
      const subject = subjectOf(kind, object, stored?.object);
      const context = { now, facts: { ...noFacts, ...parts.at(-1)?.facts } };
      const found = evaluate(subject, context);
      assert.deepEqual(found, evaluate(subject, { ...context, rules: all }));
      if (ofRules(found.findings).length > 0) spoke += 1;
    });
    fc.assert(property, { numRuns: 500 });
    assert.ok(spoke > 150, String(spoke));
  });
});

/** Members of both, the second's where both have one; objects are merged. */
function merged(one: unknown, other: unknown): JsonObject {
  const [left, right] = [isObject(one) ? one : {}, isObject(other) ? other : {}];
  const inner = Object.entries(right).map(([name, value]) => [
    name,
    isObject(value) && isObject(left[name]) ? merged(left[name], value) : value,
  ]);
  return { ...left, ...(Object.fromEntries(inner) as JsonObject) };
}

/** Without one of its fields, at any depth. */
function withoutOne(object: KubernetesObject, pick: number): KubernetesObject {
  const fields = fieldsOf(object['spec'], 'spec');
  const field = fields[pick % Math.max(1, fields.length)];
  return field === undefined ? object : without(object, field);
}

const fieldsOf = (value: unknown, field: string): readonly string[] =>
  isObject(value)
    ? Object.keys(value).flatMap((name) => [`${field}.${name}`, ...fieldsOf(value[name], `${field}.${name}`)])
    : [];
