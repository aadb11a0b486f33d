/** Examples in the documents are what the program takes: manifests by every rule, commands by their flags. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseFlags } from '../src/cli/flags.ts';
import { isForeign, validateObject, type Raw } from '../src/cli/validate-object.ts';
import { commands } from '../src/plugin/commands/index.ts';
import { blocksOf } from './walkthroughs.ts';

const root = path.resolve(import.meta.dirname, '..');
const documents = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => `docs/${file}`),
].filter((file) => file.endsWith('.md') && !file.endsWith('rules.md'));
const now = new Date('2026-05-31T12:00:00Z');

/** `kubectl database …` in a block, a pipe's right side included, as words without their quotes. */
const uses = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/kubectl database ([^\n|>#`]*)/g)].map(([, rest = '']) =>
    [...rest.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? ''),
  );

describe('examples in the documents', () => {
  it('are found', () => {
    assert.deepEqual(
      blocksOf('a\n```yaml file=x.yaml\nb: 1\n```\n```sh run\nls\n```\n').map(({ info }) => info),
      ['yaml file=x.yaml', 'sh run'],
    );
    assert.deepEqual(uses('echo "a | b" | kubectl database connect x -- -c "two words"  # why'), [
      ['connect', 'x', '--', '-c', 'two words'],
    ]);
    assert.ok(documents.includes('docs/walkthroughs/redis.md'));
  });

  for (const file of documents) {
    const blocks = blocksOf(readFileSync(path.join(root, file), 'utf8'));
    const manifests = blocks
      .filter(({ info }) => info.startsWith('yaml'))
      .flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS() as Raw | null))
      .filter(
        (object): object is Raw => object !== null && 'kind' in object && !isForeign(object) && 'metadata' in object,
      );
    if (manifests.length > 0) {
      it(`${file}: its manifests pass every rule`, () => {
        for (const object of manifests)
          assert.deepEqual(validateObject(object, now).violations, [], JSON.stringify(object));
      });
    }
    const used = blocks.filter(({ info }) => info.startsWith('sh')).flatMap(({ text }) => uses(text));
    if (used.length > 0) {
      it(`${file}: the plugin knows what is typed`, () => {
        for (const [name = '', ...args] of used.filter(([first]) => first !== '--help')) {
          const command = commands.find((known) => known.name === name);
          assert.ok(command !== undefined, `kubectl database ${name}`);
          const rows = (isSwitch: boolean): Record<string, string> =>
            Object.fromEntries(
              command.flags
                .filter(({ value }) => (value === undefined) === isSwitch)
                .map((row) => [row.name, row.short ?? '']),
            );
          const parsed = parseFlags(args, { values: rows(false), switches: rows(true), repeated: ['filename'] });
          assert.ok(parsed.ok, `kubectl database ${name} ${args.join(' ')}: ${parsed.ok ? '' : parsed.error}`);
        }
      });
    }
  }
});
