/** What the documents tell people to type exists: chart values, flags, npm scripts, files, links. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { flags } from '../../src/flags.ts';
import { commands } from '../../src/plugin/commands/index.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const folder = (name: string): readonly string[] =>
  readdirSync(path.join(root, name))
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join(name, file));
const documents: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'examples/README.md', 'certs/README.md'],
  ...['charts/database-operator/templates/NOTES.txt'],
  ...folder('docs'),
  ...folder('docs/walkthroughs'),
];

interface ValueSchema {
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly additionalProperties?: unknown;
}
const values = JSON.parse(read('charts/database-operator/values.schema.json')) as ValueSchema;
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };

/** Free-form values, such as labels, take any name. */
function isValue(name: string): boolean {
  let schema: ValueSchema | undefined = values;
  for (const part of name.split('.')) {
    if (schema.properties === undefined) return true;
    schema = schema.properties[part];
    if (schema === undefined) return false;
  }
  return true;
}

const firstOf = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, first]) => first ?? '');

/** After `--set`, and in backticks where the first word is one of the chart's values. */
function namedValues(text: string): readonly string[] {
  const top = Object.keys(values.properties ?? {});
  const quoted = firstOf(text, /`([a-zA-Z]+(?:\.[a-zA-Z]+)+)(?:=[^`]*)?`/g);
  return [
    ...firstOf(text, /--set[ =]["']?([a-zA-Z.]+)/g),
    ...quoted.filter((name) => top.includes(name.split('.')[0] ?? '')),
  ];
}

/** Flags in backticks of their own; commands of other programs stand in code blocks. */
const namedFlags = (text: string): readonly string[] => firstOf(text, /`--([a-z-]+)(?:[= ][^`]*)?`/g);
/** Of validate, helm and kubectl. */
const foreignFlags = ['old', 'now', 'set', 'cascade'];
const pluginFlags = commands.flatMap((command) => command.flags.map(({ name }) => name));

const placed = /(?<![\w/.-])((?:charts|crds|examples|webhook-config|bundle|docs|test|tools|src)\/[\w./-]*\w)/g;

describe('the documents', () => {
  it('are read: a value, a flag and a path that do not exist are found', () => {
    assert.deepEqual(namedValues('--set a.b=1, `crds.keep`, `spec.x`'), ['a.b', 'crds.keep']);
    assert.equal(isValue('crds.keep'), true);
    assert.equal(isValue('crds.kept'), false);
    assert.deepEqual(namedFlags('`--tls=files` and `--x y`, --z'), ['tls', 'x']);
    assert.deepEqual(firstOf('kubectl apply -f examples/a.yaml.', placed), ['examples/a.yaml']);
  });

  for (const file of documents) {
    const text = read(file);
    it(`${file} names what exists`, () => {
      assert.deepEqual(
        namedValues(text).filter((name) => !isValue(name)),
        [],
        'values of the chart',
      );
      const known = new Set([...flags.map(({ name }) => name), ...pluginFlags, ...foreignFlags]);
      assert.deepEqual(
        namedFlags(text).filter((name) => !known.has(name)),
        [],
        'flags of serve',
      );
      const wanted = firstOf(text, /npm run (?:-s |--silent )?([\w:-]+)/g);
      assert.deepEqual(
        wanted.filter((name) => scripts[name] === undefined),
        [],
        'npm scripts',
      );
      const paths = firstOf(text, placed).filter((name) => !existsSync(path.join(root, name)));
      assert.deepEqual(paths, [], 'files');
      const links = firstOf(text, /\]\(([^)#:\s]+)(?:#[^)]*)?\)/g);
      const missing = links.filter((link) => !existsSync(path.resolve(root, path.dirname(file), link)));
      assert.deepEqual(missing, [], 'links');
    });
  }
});
