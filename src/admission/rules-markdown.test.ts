/** docs/rules.md says what the table says, all of it, and every link of it leads somewhere. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rules } from './rules/index.ts';
import { rulesMarkdown } from './rules-markdown.ts';

const text = rulesMarkdown();

describe('docs/rules.md', () => {
  it('is the generated one', () => {
    const committed = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');
    assert.ok(committed === text, 'it differs: run npm run gen');
  });

  it('has one row and one section for every rule, and none for others', () => {
    const rows = [...text.matchAll(/^\| \[(\w+)\]\(#\w+\) \| .* \| (?:refuses|warns) \|$/gm)].map(([, id]) => id);
    const sections = [...text.matchAll(/^### ([A-Z]+\d+)$/gm)].map(([, id]) => id);
    assert.deepEqual(rows.toSorted(), rules.map(({ id }) => id).sort());
    assert.deepEqual(sections.toSorted(), rules.map(({ id }) => id).sort());
  });

  it('tells of every rule what it refuses, why, how to mend it, since when, and what it says', () => {
    for (const { id, title, why, remedy, since } of rules) {
      const section = new RegExp(`^### ${id}\n([^]*?)(?=^##|(?![^]))`, 'm').exec(text)?.[1] ?? '';
      assert.ok(section.toLowerCase().includes(`**${title.toLowerCase()}**`), `${id}: title`);
      for (const part of [why, `*Remedy:* ${remedy}`, `since ${since}`]) assert.ok(section.includes(part), id);
      assert.match(section, /^```yaml\n[^`]+^```\n\n```text\n\S[^]*^```$/m, `${id}: example and message`);
    }
  });

  it('has no link into nothing', () => {
    const targets = new Set([
      ...[...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-')),
      ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id),
    ]);
    for (const [, link] of text.matchAll(/\]\(#([^)]+)\)/g)) {
      assert.ok(link !== undefined && targets.has(link), `#${link ?? ''}`);
    }
  });

  it('has a family for every rule of a Database', () => {
    const table = text.slice(text.indexOf('## Database\n'), text.indexOf('## DatabaseUser'));
    assert.ok(table.startsWith('## Database\n\n### Database: '), 'none is left over');
    assert.equal((table.match(/^\| id \| rule/gm) ?? []).length, (table.match(/^### Database: /gm) ?? []).length);
  });
});
