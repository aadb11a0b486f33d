/** The examples of every rule through a real API server: schema, CEL and rules must be of one opinion. */
import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../src/api/object.ts';
import type { Example } from '../../src/admission/rule.ts';
import { rules } from '../../src/admission/rules/index.ts';
import { expectKubectl, installCrds, kubectl } from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

/** The namespace of the examples. */
const namespace = 'shop';

interface Case {
  readonly id: string;
  readonly title: string;
  readonly object: KubernetesObject;
}

describe('examples of the rules', function () {
  this.timeout(180_000);
  let operator: TestOperator;

  before(async () => {
    await installCrds();
    await expectKubectl(['create', 'namespace', namespace]);
    operator = await startTestOperator(['--watch-namespace', 'nowhere']);
  });
  after(() => operator.stop());

  /** Examples that need no facts and no stored object, in their own namespace. */
  const creations = (pick: (rule: (typeof rules)[number]) => readonly Example[]): readonly Case[] =>
    rules.flatMap((rule) =>
      pick(rule)
        .filter((example) => example.facts === undefined && example.oldObject === undefined)
        .filter((example) => example.operation === undefined && rule.on.includes('CREATE'))
        .map((example) => ({
          id: rule.id,
          title: example.title,
          object: example.object,
        })),
    );

  /** All in one call; kubectl goes on after a refusal. `create` takes generateName as well. */
  const tryAll = (cases: readonly Case[]) =>
    kubectl(
      ['create', '--dry-run=server', '-f', '-'],
      cases.map(({ object }) => JSON.stringify(object)).join('\n---\n'),
    );

  it('accepted ones are admitted by all layers', async () => {
    const cases = creations(({ accepted }) => accepted);
    assert.ok(cases.length > 100);
    const { stdout, stderr } = await tryAll(cases);
    const refusals = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Warning: '));
    assert.deepEqual(refusals, []);
    assert.equal(stdout.trim().split('\n').length, cases.length);
  });

  it('refused ones are refused', async () => {
    const cases = creations(({ severity, refused }) => (severity === 'deny' ? refused : []));
    assert.ok(cases.length > 100);
    const { code, stdout, stderr } = await tryAll(cases);
    assert.notEqual(code, 0);
    assert.equal(stdout, '', 'none is admitted');
    const refusals = stderr.match(/^Error from server \(Invalid\): .* is invalid: /gm) ?? [];
    assert.equal(refusals.length, cases.length, stderr);
  });

  it('kubectl-invalid-output: one line per fault, with the remedy', async () => {
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: { name: 'orders', namespace },
      spec: { engine: 'postgres', version: '17', replicas: 99, storage: { size: '10K' } },
    };
    const { stderr } = await kubectl(['create', '-f', '-'], JSON.stringify(object));
    assert.equal(
      // What is not known yet is said by warnings, which come first.
      stderr.replace(/^Warning: .*\n/gm, ''),
      [
        'The Database "orders" is invalid: ',
        '* spec.engine: Unsupported value: "postgres": supported values: "postgresql", "mysql", "mariadb", "mongodb", "redis"; did you mean "postgresql"?',
        '* spec.replicas: Invalid value: 99: must be between 1 and 10, inclusive',
        '* spec.storage.size: Invalid value: "10K": unable to parse quantity\'s suffix; did you mean 10Ki or 10k?',
        '',
      ].join('\n'),
    );
  });

  it('warnings arrive whole', async () => {
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: { name: 'warned', namespace },
      spec: { engine: 'postgresql', version: '13.7', storage: { size: '300Mi' } },
    };
    const { code, stderr } = await kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(object));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Warning: spec\.version: PostgreSQL 13 reached its end of life on 2025-11-13/m);
    assert.match(stderr, /^Warning: spec\.storage\.size: 300Mi is little/m);
  });

  it('applying the original manifest again changes nothing', async () => {
    const manifest = JSON.stringify({
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: { name: 'again', namespace },
      spec: { image: 'postgres:16', size: '3Gi', databaseName: 'mydb', username: 'admin' },
    });
    await expectKubectl(['apply', '-f', '-'], manifest);
    for (const verb of ['apply', 'replace', 'apply']) {
      const before = await expectKubectl([
        'get',
        'db',
        'again',
        '-n',
        namespace,
        '-o',
        'jsonpath={.metadata.generation} {.spec}',
      ]);
      await expectKubectl([verb, '-f', '-'], manifest);
      const after = await expectKubectl([
        'get',
        'db',
        'again',
        '-n',
        namespace,
        '-o',
        'jsonpath={.metadata.generation} {.spec}',
      ]);
      assert.equal(after, before, verb);
    }
  });
});
