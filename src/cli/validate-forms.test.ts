/** Annotations, SARIF, `--old`, and files that speak of each other. */
import assert from 'node:assert/strict';
import { run, type Ran } from './testing.test.ts';
import { cliValidate } from './validate.ts';

const database = `# A comment, so that lines count.
apiVersion: example.com/v1
kind: Database
metadata:
  name: orders
spec:
  engine: postgresql
  version: "17"
  storage:
    size: 10Gi
`;
const user = (name: string, username = 'reporting'): string => `apiVersion: example.com/v1
kind: DatabaseUser
metadata: {name: ${name}}
spec:
  databaseRef: {name: orders}
  username: ${username}
  privileges: [{preset: readonly}]
`;
const bad = database.replace('10Gi', '10K').replace('"17"', '"13"').replace('storage:', 'replcias: 2\n  storage:');

const check = (args: readonly string[], files: Readonly<Record<string, string>>): Promise<Ran> =>
  run(cliValidate, args, { files });

interface Item {
  readonly name: string;
  readonly allowed: boolean;
  readonly violations: readonly { readonly field: string; readonly message: string }[];
  readonly warnings: readonly string[];
}
const itemsOf = ({ out }: Ran): readonly Item[] => (JSON.parse(out) as { items: Item[] }).items;
const fieldsOf = (item: Item | undefined): readonly string[] => item?.violations.map(({ field }) => field) ?? [];

describe('validate -o github', () => {
  it('marks the line of every field', async () => {
    const { code, out } = await check(['-o', 'github', '-f', 'db/a.yaml'], { 'db/a.yaml': bad });
    assert.equal(code, 1);
    const lines = out.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => line.replace(/::[^:]*$/s, '').replace(/(title=\w+).*/, '$1')),
      [
        '::error file=db/a.yaml,line=9,col=3,title=UNKNOWN',
        '::error file=db/a.yaml,line=11,col=5,title=DB040',
        '::warning file=db/a.yaml,line=8,col=3,title=DB012',
      ],
    );
    assert.match(lines[1] ?? '', /title=DB040 Database default\/orders::spec\.storage\.size: Invalid value: "10K": /);
  });

  it('marks the nearest thing that was written where the field is missing', async () => {
    const text = database.replace('  version: "17"\n', '').replace('engine: postgresql', 'image: postgres');
    const { out } = await check(['-o', 'github', '-f', 'a.yaml'], { 'a.yaml': text });
    assert.match(out, /^::error file=a\.yaml,line=6,col=1,title=DB010 .*::spec\.version: Required value/m);
  });

  it('counts in the right document of the right list', async () => {
    const list = `kind: List\napiVersion: v1\nitems:\n- ${user('a').replaceAll('\n', '\n  ')}\n- ${database.split('\n').slice(1).join('\n  ').replace('10Gi', '10K')}`;
    const { out } = await check(['-o', 'github', '-f', 'a.yaml'], { 'a.yaml': `${database}---\n${list}` });
    const lines = `${database}---\n${list}`.split('\n');
    const [, line] = /::error file=a\.yaml,line=(\d+).*spec\.storage\.size/.exec(out) ?? [];
    assert.match(lines[Number(line) - 1] ?? '', /size: 10K/);
  });

  it('lets no text end the command or begin another', async () => {
    const text = database.replace('engine: postgresql', 'engine: "100%\\n::error::x"');
    const { out } = await check(['-o', 'github', '-f', 'a,b:c.yaml'], { 'a,b:c.yaml': text });
    assert.ok(out.split('\n').every((line) => line === '' || /^::(error|warning) file=a%2Cb%3Ac\.yaml,/.test(line)));
    assert.match(out, /"100%25\\n::error::x"/);
  });

  it('says nothing when nothing is wrong', async () => {
    const { code, out } = await check(['-o', 'github', '-f', 'a.yaml'], { 'a.yaml': database });
    assert.deepEqual([code, out], [0, '']);
  });

  it('marks where a file can not be read', async () => {
    const { code, out } = await check(['-o', 'github', '-f', 'a.yaml'], { 'a.yaml': 'a: 1\nb: "x\n' });
    assert.equal(code, 2);
    assert.match(out, /^::error file=a\.yaml,line=\d+,col=\d+,title=can not be read::/);
  });
});

interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly semanticVersion: string; readonly rules: readonly { id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number; readonly startColumn: number };
        };
      }[];
    }[];
  }[];
}

describe('validate -o sarif', () => {
  it('has rule, level, text and place of every finding', async () => {
    const { code, out } = await check(['-o', 'sarif', '-f', './my db/a.yaml'], { './my db/a.yaml': bad });
    assert.equal(code, 1);
    const { version, runs } = JSON.parse(out) as Sarif;
    assert.equal(version, '2.1.0');
    const [only] = runs;
    assert.ok(only !== undefined && runs.length === 1);
    assert.equal(only.tool.driver.semanticVersion, '9.8.7');
    for (const { ruleId, ruleIndex } of only.results) assert.equal(only.tool.driver.rules[ruleIndex]?.id, ruleId);
    const rows = only.results.map(({ ruleId, level, locations: [at] }) => [
      ruleId,
      level,
      at?.physicalLocation.artifactLocation.uri,
      at?.physicalLocation.region.startLine,
    ]);
    assert.deepEqual(rows, [
      ['UNKNOWN', 'error', 'my%20db/a.yaml', 9],
      ['DB040', 'error', 'my%20db/a.yaml', 11],
      ['DB012', 'warning', 'my%20db/a.yaml', 8],
    ]);
  });

  it('is a whole log when nothing is wrong', async () => {
    const { code, out } = await check(['-o', 'sarif', '-f', 'a.yaml'], { 'a.yaml': database });
    const { runs } = JSON.parse(out) as Sarif;
    assert.deepEqual([code, runs[0]?.results, runs[0]?.tool.driver.rules], [0, [], []]);
  });

  it('knows every rule that can speak', async () => {
    const files = {
      'a.yaml': 'kind: Databse\napiVersion: example.com/v1\n',
      'b.yaml': database.replace('10Gi', '[1]'),
    };
    const { out } = await check(['-o', 'sarif', '-f', 'a.yaml', '-f', 'b.yaml'], files);
    const results = (JSON.parse(out) as Sarif).runs[0]?.results ?? [];
    assert.deepEqual(
      results.map(({ ruleId, ruleIndex }) => [ruleId, ruleIndex >= 0]),
      [
        ['TYPE', true],
        ['SCHEMA', true],
      ],
    );
  });
});

describe('validate --old', () => {
  const files = { 'new.yaml': database.replace('10Gi', '5Gi'), 'old.yaml': database };

  it('judges a change', async () => {
    const alone = await check(['-o', 'json', '-f', 'new.yaml'], files);
    const changed = await check(['-o', 'json', '-f', 'new.yaml', '--old', 'old.yaml'], files);
    assert.deepEqual([alone.code, changed.code], [0, 1]);
    assert.deepEqual(fieldsOf(itemsOf(changed)[0]), ['spec.storage.size']);
    assert.match(itemsOf(changed)[0]?.violations[0]?.message ?? '', /never shrinks/);
  });

  it('finds the object by kind, namespace and name', async () => {
    const other = database.replace('name: orders', 'name: orders\n  namespace: elsewhere');
    const ran = await check(['-o', 'json', '-f', 'new.yaml', '--old', 'old.yaml'], { ...files, 'old.yaml': other });
    assert.equal(ran.code, 0, 'a new object, then');
  });

  it('does not hold against a change what was stored before', async () => {
    const stored = database.replace('name: orders', 'name: orders-primary');
    const args = ['-o', 'json', '-f', 'new.yaml', '--old', 'old.yaml'];
    const ran = await check(args, { 'old.yaml': stored, 'new.yaml': stored.replace('10Gi', '20Gi') });
    assert.equal(ran.code, 0, ran.out);
    assert.match(itemsOf(ran)[0]?.warnings.join(' ') ?? '', /stored before/);
  });

  it('exits 2 when it can not be read', async () => {
    assert.equal((await check(['-f', 'new.yaml', '--old', 'x.yaml'], files)).code, 2);
  });
});

describe('validate reads files together', () => {
  it('a user finds the Database of another file, in either order', async () => {
    const files = { 'a.yaml': user('reporting'), 'b.yaml': database, 'alone.yaml': user('reporting') };
    for (const order of [
      ['a.yaml', 'b.yaml'],
      ['b.yaml', 'a.yaml'],
    ]) {
      const ran = await check(['-o', 'json', ...order], files);
      assert.equal(ran.code, 0, ran.out);
      assert.doesNotMatch(ran.out, /whether Database .* exists/);
    }
    assert.match(
      (await check(['-o', 'json', 'alone.yaml'], files)).out,
      /not checked: whether Database default\/orders/,
    );
  });

  it('rules know the engine of the Database', async () => {
    const ran = await check(['-o', 'json', 'a.yaml'], { 'a.yaml': `${database}---\n${user('a', 'postgres')}` });
    assert.deepEqual(itemsOf(ran).map(fieldsOf), [[], ['spec.username']]);
  });

  it('two owners of one user are refused', async () => {
    const ran = await check(['-o', 'json', 'a.yaml'], { 'a.yaml': [database, user('a'), user('b')].join('---\n') });
    assert.deepEqual(itemsOf(ran).map(fieldsOf), [[], ['spec.username'], ['spec.username']]);
    assert.match(itemsOf(ran)[2]?.violations[0]?.message ?? '', /DatabaseUser default\/a owns this user/);
  });

  it('consent of a namespace counts when its manifest is there', async () => {
    const far = user('a').replace('{name: orders}', '{name: orders, namespace: data}');
    const there = database.replace('name: orders', 'name: orders\n  namespace: data');
    const space = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: data}\n';
    const refused = await check(['-o', 'json', 'a.yaml'], { 'a.yaml': [space, there, far].join('---\n') });
    assert.deepEqual(itemsOf(refused).map(fieldsOf), [[], ['spec.databaseRef.namespace']]);
    const consenting = space.replace('}', ', labels: {database.example.com/allow-references: "true"}}');
    const allowed = await check(['-o', 'json', 'a.yaml'], { 'a.yaml': [consenting, there, far].join('---\n') });
    assert.equal(allowed.code, 0, allowed.out);
  });

  it('what is broken itself is no ground for judging others', async () => {
    const broken = database.replace('postgresql', '[postgresql]').replace('10Gi', '{a: 1}');
    const ran = await check(['-o', 'json', 'a.yaml'], { 'a.yaml': `${broken}---\n${user('a')}` });
    assert.equal(itemsOf(ran)[1]?.allowed, true);
    assert.match(ran.out, /not checked: whether Database default\/orders exists/);
  });
});
