/**
 * What kubectl prints for every refused example of every rule, through the real API server and the real webhook code,
 * against test/api/golden/rules/<ID>.txt; UPDATE_GOLDEN=1 writes those files. Accepted examples must be admitted.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Example, Rule } from '../../src/admission/rule.ts';
import { rules } from '../../src/admission/rules/index.ts';
import { ownKinds } from '../../src/api/resources.ts';
import { controlPlane, expectKubectl, kubectl, repository, type KubectlOutput } from './harness.ts';
import { openRuleStage, type RuleStage } from './rule-stage.ts';

const folder = path.join(repository, 'test/api/golden/rules');
const updating = process.env['UPDATE_GOLDEN'] === '1';

/** `<ID> refused|accepted: <title>` of examples that can't be shown by kubectl → why. */
const unstaged: Readonly<Record<string, string>> = {};

interface Case {
  readonly rule: Rule;
  readonly example: Example;
  readonly refused: boolean;
  readonly key: string;
}

const casesOf = (rule: Rule): readonly Case[] =>
  (['accepted', 'refused'] as const).flatMap((sort) =>
    rule[sort].map((example) => ({
      rule,
      example,
      refused: sort === 'refused',
      key: `${rule.id} ${sort}: ${example.title}`,
    })),
  );
const cases = rules.flatMap(casesOf);
const isStaged = ({ example }: Case): boolean =>
  example.facts !== undefined || example.oldObject !== undefined || example.operation === 'DELETE';

const verbOf = ({ operation, oldObject, object }: Example): 'create' | 'apply' | 'delete' =>
  operation === 'DELETE' ? 'delete' : oldObject === undefined && !('name' in object.metadata) ? 'create' : 'apply';

/** As a user who may write our kinds and nothing else: an administrator is not asked what he may grant. */
async function createUser(): Promise<string> {
  await expectKubectl(['create', 'clusterrole', 'rule-examples', '--verb=*', '--resource=*.example.com']);
  await expectKubectl(['create', 'clusterrolebinding', 'rule-examples', '--clusterrole=rule-examples', '--user=jane']);
  return (await controlPlane()).kubeconfigFor('jane');
}

function run({ example }: Case, kubeconfig: string): Promise<KubectlOutput> {
  const { object } = example;
  const verb = verbOf(example);
  const { name, namespace = 'default' } = object.metadata;
  const plural = ownKinds.find(({ kind }) => kind === object.kind)?.plural ?? object.kind;
  const as = ['--kubeconfig', kubeconfig];
  if (verb === 'delete') return kubectl([...as, 'delete', `${plural}/${name}`, '-n', namespace, '--dry-run=server']);
  return kubectl([...as, verb, '--dry-run=server', '-f', '-'], JSON.stringify(object));
}

/** A few kubectl at once. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all([worker(), worker(), worker()]);
}

const past = { create: 'created', apply: 'applied', delete: 'deleted' } as const;
const headline = ({ example }: Case): string =>
  `# ${example.oldObject === undefined ? past[verbOf(example)] : 'changed'}: ${example.title}`;

const golden = (rule: Rule, outputs: ReadonlyMap<string, KubectlOutput>): string =>
  casesOf(rule)
    .filter(({ key, refused }) => refused && unstaged[key] === undefined)
    .map((one) => `${headline(one)}\n${outputs.get(one.key)?.stderr.trimEnd() ?? ''}\n`)
    .join('\n');

describe('kubectl, for every rule', function () {
  this.timeout(120_000);
  let stage: RuleStage;
  const outputs = new Map<string, KubectlOutput>();

  before(async () => {
    stage = await openRuleStage();
    const jane = await createUser();
    const shown = cases.filter(({ key }) => unstaged[key] === undefined);
    // Accepted ones that need no stage go through the operator itself in admission-rules.test.ts.
    const plain = shown.filter((one) => one.refused && !isStaged(one));
    const clearFirst = await stage.set(plain[0]?.example ?? assert.fail());
    await inParallel(plain, async (one) => void outputs.set(one.key, await run(one, jane)));
    await clearFirst();
    for (const one of shown.filter(isStaged)) {
      const clear = await stage.set(one.example);
      outputs.set(one.key, await run(one, jane));
      await clear();
    }
    if (!updating) return;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const rule of rules) writeFileSync(path.join(folder, `${rule.id}.txt`), golden(rule, outputs));
  });
  after(() => stage.stop());

  for (const rule of rules) {
    it(`${rule.id} ${rule.title}`, () => {
      const file = path.join(folder, `${rule.id}.txt`);
      assert.ok(existsSync(file), `no golden: run UPDATE_GOLDEN=1 npm run test:goldens and read ${file}`);
      assert.equal(golden(rule, outputs), readFileSync(file, 'utf8'));
      for (const { key, refused } of casesOf(rule)) {
        const output = outputs.get(key);
        if (output === undefined) continue;
        const isRefusal = refused && rule.severity === 'deny';
        assert.equal(output.code !== 0, isRefusal, `${key}: ${output.stderr}`);
        if (refused && !isRefusal) assert.match(output.stderr, /^Warning: /m, key);
      }
    });
  }

  it('no rule threw', () => assert.deepEqual(stage.panics, []));

  it('every golden belongs to a rule', () => {
    assert.deepEqual(readdirSync(folder).sort(), rules.map(({ id }) => `${id}.txt`).sort());
  });

  it('what is left out exists and says why', () => {
    const keys = new Set(cases.map(({ key }) => key));
    for (const [key, reason] of Object.entries(unstaged)) {
      assert.ok(keys.has(key), `no such example: ${key}`);
      assert.match(reason, /^\S.{20,}\.$/, key);
    }
  });
});
