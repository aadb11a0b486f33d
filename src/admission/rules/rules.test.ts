import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../api/object.ts';
import { ownKinds } from '../../api/resources.ts';
import { decide } from '../decide.ts';
import { complete } from '../defaults.ts';
import { evaluate } from '../evaluate.ts';
import { noFacts } from '../facts.ts';
import { isObject } from '../json.ts';
import type { AdmissionRequest } from '../review.ts';
import type { Example, Operation, Rule } from '../rule.ts';
import { rulesMarkdown } from '../rules-markdown.ts';
import { rules } from './index.ts';

/** A day on which the tables of releases are current. */
const now = new Date('2026-11-20T12:00:00Z');

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

function requestOf(rule: Rule, example: Example): AdmissionRequest {
  const operation = example.operation ?? (example.oldObject === undefined ? 'CREATE' : 'UPDATE');
  const resource = ownKinds.find(({ kind }) => kind === rule.kind);
  assert.ok(resource);
  const { group, version, kind, plural } = resource;
  const subject: KubernetesObject = deepFreeze(structuredClone(example.object));
  return {
    reviewVersion: 'admission.k8s.io/v1',
    uid: 'u',
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    subResource: '',
    name: subject.metadata.name,
    namespace: subject.metadata.namespace ?? '',
    operation,
    userInfo: { username: 'jane', groups: [] },
    object: operation === 'DELETE' ? undefined : subject,
    oldObject: operation === 'DELETE' ? subject : deepFreeze(structuredClone(example.oldObject)),
    dryRun: false,
  };
}

function verdict(rule: Rule, example: Example) {
  const panics: unknown[] = [];
  const decision = decide(requestOf(rule, example), {
    now,
    facts: { ...noFacts, ...example.facts },
    onPanic: (id, error) => panics.push(id, error),
  });
  assert.deepEqual(panics, [], 'no rule throws, and none writes to its frozen input');
  return { decision, own: decision.findings.filter((finding) => finding.rule === rule.id) };
}

describe('the table of rules', () => {
  it('has every id once', () => {
    const ids = rules.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)], ids);
  });

  it('prefixes ids by kind', () => {
    const prefixes: Record<string, string> = {
      Database: 'DB',
      DatabaseUser: 'DU',
      DatabaseBackup: 'BK',
      DatabaseMonitor: 'DM',
      MultiTenantDatabase: 'MT',
      RedisCluster: 'RC',
    };
    for (const { id, kind } of rules) assert.match(id, new RegExp(`^${prefixes[kind]}\\d{3}$`));
  });

  it('is documented throughout', () => {
    for (const rule of rules) {
      for (const text of [rule.title, rule.why, rule.remedy]) assert.ok(text.trim().length > 5, rule.id);
      assert.match(rule.why, /[.:]$/, `${rule.id}: a sentence`);
      assert.match(rule.remedy, /[.:]$/, `${rule.id}: a sentence`);
      assert.match(rule.since, /^\d+\.\d+\.\d+$/, rule.id);
      assert.ok(rule.on.length > 0, rule.id);
    }
  });
});

for (const rule of rules) {
  describe(`${rule.id} ${rule.title}`, () => {
    it('has examples of both sorts', () => {
      assert.ok(rule.accepted.length > 0 && rule.refused.length > 0);
    });

    for (const example of rule.accepted) {
      it(`says nothing to: ${example.title}`, () => {
        const { decision, own } = verdict(rule, example);
        assert.deepEqual(own, []);
        const denials = decision.findings.filter(({ severity }) => severity === 'deny');
        assert.deepEqual(denials, [], 'an accepted example is admitted');
      });
    }

    for (const example of rule.refused) {
      it(`${rule.severity === 'deny' ? 'refuses' : 'warns of'}: ${example.title}`, () => {
        const { decision, own } = verdict(rule, example);
        assert.ok(
          own.some(({ severity }) => severity === rule.severity),
          JSON.stringify(decision.findings),
        );
        assert.equal(decision.allowed, !decision.findings.some(({ severity }) => severity === 'deny'));
        if (rule.severity === 'warn') assert.ok(decision.allowed, 'an example of a warning is admitted');
      });
    }
  });
}

describe('speed', () => {
  it('takes under 1 ms per rule', () => {
    for (const rule of rules) {
      for (const example of [...rule.accepted, ...rule.refused]) {
        const request = requestOf(rule, example);
        const object = request.object ?? request.oldObject;
        assert.ok(isObject(object));
        const oldObject = request.oldObject && complete(rule.kind, request.oldObject).object;
        const subject = {
          kind: rule.kind,
          operation: request.operation as Operation,
          written: object,
          object: complete(rule.kind, object, request.oldObject).object,
          oldObject: request.operation === 'DELETE' ? undefined : oldObject,
          user: request.userInfo,
        };
        const context = { now, facts: { ...noFacts, ...example.facts }, rules: [rule] };
        // This one plans the change, and a change for each field that could be the cause.
        const limit = rule.id === 'DB035' ? 8 : 1;
        let best = Infinity;
        // What it can do counts, not what else the machine was doing.
        for (let run = 0; run < 50 && best >= limit; run += 1) {
          const start = performance.now();
          evaluate(subject, context);
          best = Math.min(best, performance.now() - start);
        }
        assert.ok(best < limit, `${rule.id} took ${best.toFixed(2)} ms on: ${example.title}`);
      }
    }
  });
});

describe('docs/rules.md', () => {
  it('has a row and a section for every rule', () => {
    const text = rulesMarkdown();
    for (const rule of rules) {
      assert.ok(text.includes(`| [${rule.id}](#${rule.id.toLowerCase()}) | ${rule.title} |`), rule.id);
      assert.ok(text.includes(`### ${rule.id}\n`), rule.id);
      assert.ok(text.includes(rule.remedy), rule.id);
    }
    assert.equal(text, rulesMarkdown(), 'the same twice');
    assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'));
  });
});
