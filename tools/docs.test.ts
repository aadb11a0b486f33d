/** Documents that people follow in trouble are held to what the code really says. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const sources = ['src/status', 'src/controllers'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => read(path.join(folder, file))),
);
const all = (pattern: RegExp): readonly string[] =>
  [...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')))].sort();

/** As they are written in verdicts, problems and Events; `Conflict` and `NotLeader` are of refused calls. */
const ownReasons = all(
  /(?:\b(?:ready|verified)\(\s*'(?:True|False|Unknown)',\s*|reason: |problem\?\.reason \?\? |\b(?:no|yes|ready|normal|warning|kept|waits|going|undone)\(\s*|\breasonOf\(\w+, |\bfailure\(\w+, |'(?:Normal|Warning)',\s*|type === 'Ready' \? )'([A-Z][a-zA-Z]+)'/g,
).filter((reason) => !['Conflict', 'NotLeader', 'True', 'False'].includes(reason));
/** What the agent may find, as the types say it. */
const agentReasons = [
  .../BackupReason =([^;]+);/.exec(read('src/api/backup-order.ts'))![1]!.matchAll(/'([A-Z][a-zA-Z]+)'/g),
].map((match) => match[1] ?? '');
const reasons = [...new Set([...ownReasons, ...agentReasons])];
const causes = all(/(?:finding\(\s*|cause: )'([^']+)'/g);

const documents = readdirSync(path.join(root, 'docs')).filter((file) => file.endsWith('.md') && file !== 'rules.md');

describe('docs/troubleshooting.md', () => {
  const text = read('docs/troubleshooting.md');

  it('has every reason of a condition or an Event', () => {
    assert.ok(reasons.length > 35, reasons.join(' '));
    for (const known of ['NameConflict', 'LastBackupFailed', 'SnapshotNotPossible', 'Hibernated', 'Ready']) {
      assert.ok(reasons.includes(known), known);
    }
    const missing = reasons.filter((reason) => !text.includes(`\`${reason}\``));
    assert.deepEqual(missing, []);
  });

  it('has no reason that the code does not know', () => {
    const tables = text.slice(
      text.indexOf('## Conditions and their reasons'),
      text.indexOf('## What status.diagnosis'),
    );
    const conditions = all(
      /'(Ready|Progressing|Degraded|AdmissionValid|Initialized|Recovered|BackupReady|PointInTimeReady|Verified|MonitorReady|CopiesReady|Paused)'/g,
    );
    const policies = ['Snapshot', 'Retain', 'Delete'];
    const named = [...tables.matchAll(/`([A-Z][a-zA-Z]+)`/g)].map((match) => match[1] ?? '');
    const unknown = named.filter((name) => ![...reasons, ...conditions, ...policies].includes(name));
    assert.deepEqual(unknown, []);
  });

  it('has every cause of status.diagnosis', () => {
    assert.ok(causes.length >= 10, causes.join('; '));
    assert.deepEqual(
      causes.filter((cause) => !text.includes(`| ${cause} `)),
      [],
    );
  });
});

describe('documents', () => {
  for (const file of documents.map((name) => `docs/${name}`).concat('README.md')) {
    it(`${file} points at files that exist`, () => {
      const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
      const broken = links.filter((link) => !existsSync(path.join(root, path.dirname(file), link)));
      assert.deepEqual(broken, []);
    });
  }

  it('name only npm scripts and folders that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const name of ['install', 'uninstall', 'webhook-down', 'certificates', 'rbac', 'troubleshooting']) {
      const text = read(`docs/${name}.md`);
      for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g)) assert.ok(script! in scripts, `${name}: ${script}`);
      for (const [, folder] of text.matchAll(/ -[kf] ((?:webhook-config|crds|examples)[\w/.-]*)/g)) {
        assert.ok(existsSync(path.join(root, folder!)), `${name}: ${folder}`);
      }
    }
  });
});
