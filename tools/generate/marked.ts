/** Parts of documents that are made from what the program really prints. */
import { readFileSync } from 'node:fs';
import { helpOf } from '../../src/plugin/command.ts';
import { commands } from '../../src/plugin/commands/index.ts';

const golden = (root: URL, name: string): string =>
  readFileSync(new URL(`src/plugin/status/golden/${name}.txt`, root), 'utf8').trimEnd();

/** What stands between `<!-- begin NAME -->` and `<!-- end -->` becomes what `made` has under the name. */
export function fillMarked(text: string, made: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /(<!-- begin ([\w -]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => {
      const content = made[name];
      if (content === undefined)
        throw new Error(`nothing is made for <!-- begin ${name} -->; known: ${Object.keys(made).join(', ')}`);
      return `${begin}\n${content}\n\n${end}`;
    },
  );
}

const fenced = (text: string): string => `\`\`\`text\n${text}\n\`\`\``;

/** `docs/kubectl-database.md`. */
export function pluginDocument(root: URL): string {
  const screens = ['healthy', 'failing-over', 'stuck', 'hibernated', 'no-operator'];
  return fillMarked(readFileSync(new URL('docs/kubectl-database.md', root), 'utf8'), {
    ...Object.fromEntries(screens.map((name) => [`status ${name}`, fenced(golden(root, name))])),
    commands: commands.map((command) => `### ${command.name}\n\n${fenced(helpOf(command).trimEnd())}`).join('\n\n'),
  });
}
