/** Every file in examples/ through the real API server and the real webhooks: admitted, or refused for the fields it names. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expectKubectl, getObject, installCrds, kubectl, repository, uniqueNamespace } from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

const yamlFiles = (folder: string): readonly string[] =>
  readdirSync(path.join(repository, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => path.join(folder, file));

interface Spec {
  readonly spec: Readonly<Record<string, unknown>>;
}

describe('examples', function () {
  this.timeout(60_000);
  let operator: TestOperator;
  let namespace: string;

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('examples');
    operator = await startTestOperator(['--watch-namespace', 'nowhere']);
  });
  after(() => operator.stop());

  for (const file of yamlFiles('examples')) {
    it(`${path.basename(file)} is admitted`, async () => {
      await expectKubectl(['apply', '-n', namespace, '-f', path.join(repository, file)]);
    });
  }

  for (const file of yamlFiles('examples/refused')) {
    it(`refused/${path.basename(file)} is refused for the fields it names`, async () => {
      const text = readFileSync(path.join(repository, file), 'utf8');
      const named = /^# refused: (.*)$/m.exec(text)?.[1]?.split(', ') ?? [];
      const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', path.join(repository, file)]);
      assert.notEqual(code, 0);
      const fields = [...stderr.matchAll(/^(?:\* |The \S+ "\S+" is invalid: )(\S+?): /gm)].map((match) => match[1]);
      assert.deepEqual([...new Set(fields)].sort(), named.toSorted(), stderr);
    });
  }

  const inferred = [
    { name: 'older-spellings-type', engine: 'postgresql', version: '13.7', size: '100Gi' },
    { name: 'inferred-mysql', engine: 'mysql', version: '8.0', size: '10Gi' },
    { name: 'older-spellings-image', engine: 'postgresql', version: '14', size: '10Gi' },
    { name: 'inferred-postgresql', engine: 'postgresql', version: '15.3', size: '5Gi' },
    { name: 'inferred-mysql-small', engine: 'mysql', version: '8.0', size: '3Gi' },
    { name: 'inferred-postgresql-small', engine: 'postgresql', version: '14.2', size: '7Gi' },
    { name: 'postgresql-replicated', engine: 'postgresql', version: '13.8', size: '2Gi' },
  ];
  for (const { name, engine, version, size } of inferred) {
    it(`${name} is stored as ${engine} ${version} with ${size}`, async () => {
      const stored = await getObject<Spec>('database', namespace, name);
      assert.equal(stored?.spec['engine'], engine);
      assert.equal(stored.spec['version'], version);
      assert.deepEqual((stored.spec['storage'] as { size: string }).size, size);
    });
  }

  it('applying an example again is a no-op, inferred fields included', async () => {
    for (const file of yamlFiles('examples')) {
      const answer = await expectKubectl(['apply', '-n', namespace, '-f', path.join(repository, file)]);
      assert.match(answer, /unchanged/, file);
    }
  });
});
