import assert from 'node:assert/strict';
import { run, type Ran } from './testing.test.ts';
import { cliValidate } from './validate.ts';

interface Item {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly allowed: boolean;
  readonly violations: readonly { readonly field: string; readonly reason: string; readonly message: string }[];
  readonly warnings: readonly string[];
}

const itemsOf = (ran: Ran): readonly Item[] => (JSON.parse(ran.out) as { items: Item[] }).items;

const good = `apiVersion: example.com/v1
kind: Database
metadata: {name: orders, namespace: shop}
spec: {engine: postgresql, version: "17", storage: {size: 10Gi}}
`;
const bad = `apiVersion: example.com/v1
kind: Database
metadata: {name: orders}
spec: {engine: postgresql, version: "16.99", replicas: 11, storage: {size: 10K}, replcias: 2}
`;
const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: other}\n';

describe('validate', () => {
  it('allows what admission allows', async () => {
    const ran = await run(cliValidate, ['-o', 'json', '-f', 'a.yaml'], { files: { 'a.yaml': good } });
    assert.equal(ran.code, 0);
    const [item] = itemsOf(ran);
    assert.deepEqual([item?.kind, item?.name, item?.namespace, item?.allowed], ['Database', 'orders', 'shop', true]);
    assert.deepEqual(item?.violations, []);
  });

  it('tells every violation with field, reason and message', async () => {
    const ran = await run(cliValidate, ['-o', 'json', '-f', 'a.yaml'], { files: { 'a.yaml': bad } });
    assert.equal(ran.code, 1);
    const [item] = itemsOf(ran);
    assert.equal(item?.allowed, false);
    const fields = item.violations.map(({ field }) => field);
    for (const field of ['spec.version', 'spec.replicas', 'spec.storage.size', 'spec.replcias']) {
      assert.ok(fields.includes(field), `${field} in ${fields.join(' ')}`);
    }
    assert.ok(item.violations.every(({ reason, message }) => reason.startsWith('FieldValue') && message !== ''));
    assert.match(
      item.violations.find(({ field }) => field === 'spec.replcias')?.message ?? '',
      /did you mean replicas/,
    );
  });

  it('reads several documents, lists and standard input', async () => {
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'example.com/v1', kind: 'RedisCluster', metadata: { name: 'carts' }, spec: { nodes: 3 } }],
    });
    const ran = await run(cliValidate, ['-o', 'json', '-f', 'a.yaml', '-f', '-'], {
      files: { 'a.yaml': `${good}---\n${bad}---\n# nothing\n---\n` },
      stdin: list,
    });
    assert.deepEqual(
      itemsOf(ran).map(({ kind }) => kind),
      ['Database', 'Database', 'RedisCluster'],
    );
    assert.equal(ran.code, 1);
  });

  it('passes over what is not ours, with a warning', async () => {
    const ran = await run(cliValidate, ['-o', 'json', '-f', 'd'], {
      directories: { d: ['b.yaml', 'a.yml', 'README.md', 'sub'] },
      files: { 'd/a.yml': service, 'd/b.yaml': good },
    });
    assert.equal(ran.code, 0);
    assert.equal(itemsOf(ran).length, 1);
    assert.match(ran.err, /warning: Service other \(v1\) in d\/a\.yml is not one of ours/);
  });

  it('does not pass over what was meant to be ours', async () => {
    const texts = [
      good.replace('kind: Database', 'kind: Databse'),
      good.replace('example.com/v1', 'example.com/v2'),
      good.replace('apiVersion: example.com/v1\n', ''),
      good.replace('name: orders, ', ''),
      good.replace(/spec: .*\n/, ''),
      good.replace(/spec: .*\n/, 'spec: []\n'),
      good.replace(/metadata: .*\n/, 'metadata: x\n'),
    ];
    for (const text of texts) {
      const ran = await run(cliValidate, ['-o', 'json', '-f', '-'], { stdin: text });
      assert.equal(ran.code, 1, text);
      assert.ok((itemsOf(ran)[0]?.violations.length ?? 0) > 0, text);
    }
  });

  it('fixes the clock: a version at its end of life is told by its date', async () => {
    const stdin = good.replace('"17"', '"14"');
    const before = await run(cliValidate, ['-o', 'json', '--now', '2026-11-12T00:00:00Z', '-f', '-'], { stdin });
    const later = await run(cliValidate, ['-o', 'json', '--now', '2026-11-13T00:00:00Z', '-f', '-'], { stdin });
    assert.doesNotMatch(JSON.stringify(itemsOf(before)), /reached its end of life/);
    assert.match(JSON.stringify(itemsOf(later)[0]?.warnings), /reached its end of life on 2026-11-12/);
    assert.deepEqual([before.code, later.code], [0, 0]);
  });

  it('prints a table for people', async () => {
    const ran = await run(cliValidate, ['-f', '-'], { stdin: `${good}---\n${bad}` });
    assert.match(ran.out, /^allowed {2}Database shop\/orders$/m);
    assert.match(ran.out, /^REFUSED {2}Database default\/orders$/m);
    assert.match(ran.out, /^ {2}spec\.replicas: /m);
  });

  for (const [title, args, world] of [
    ['a broken file', ['-f', 'a.yaml'], { files: { 'a.yaml': 'a: [1\nb: 2' } }],
    ['broken JSON', ['-f', '-'], { stdin: '{"a": 1' }],
    ['a key given twice', ['-f', '-'], { stdin: 'a: 1\na: 2' }],
    ['a document that is no object', ['-f', '-'], { stdin: `${good}---\njust text` }],
    ['a list with something else in it', ['-f', '-'], { stdin: 'kind: List\nitems: [1]' }],
    ['a file that is not there', ['-f', 'b.yaml'], {}],
    ['a directory without manifests', ['-f', 'd'], { directories: { d: ['README.md'] } }],
    ['an explosion of aliases', ['-f', '-'], { stdin: explosion() }],
    ['no file', [], {}],
    ['an unknown flag', ['--fliename', 'x'], {}],
    ['an unknown form of output', ['-f', '-', '-o', 'xml'], {}],
    ['a bad clock', ['-f', '-', '--now', 'noon'], {}],
    ['standard input twice', ['-f', '-', '-f', '-'], {}],
  ] as const) {
    it(`exits 2 for ${title}`, async () => {
      const { code, out, err } = await run(cliValidate, args, world);
      assert.deepEqual([code, out], [2, '']);
      assert.notEqual(err, '');
    });
  }

  it('says where a file is broken', async () => {
    const { err } = await run(cliValidate, ['-f', 'a.yaml'], { files: { 'a.yaml': 'a: 1\nb: "x\n' } });
    assert.match(err, /^a\.yaml:\d+:\d+: /);
  });
});

function explosion(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level += 1) {
    const alias = `*a${level - 1}`;
    lines.push(`a${level}: &a${level} [${Array<string>(9).fill(alias).join(', ')}]`);
  }
  return lines.join('\n');
}
