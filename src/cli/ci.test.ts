/** What CI runs: the action's script, the hook's command, and every transcript of docs/ci.md. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { processIo } from './io.ts';
import { cliValidate } from './validate.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8');
const packageVersion = async (): Promise<string> =>
  (JSON.parse(await read('package.json')) as { version: string }).version;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('in CI', function () {
  this.timeout(20_000);
  let folder: string;

  /** In its PATH is an npx that runs these sources instead of the published package. */
  const bash = (script: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    new Promise((resolve) => {
      const PATH = `${folder}:${process.env['PATH'] ?? ''}`;
      execFile('bash', ['-c', script], { cwd: root, env: { ...env, PATH } }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ci-'));
    const npx = `#!/bin/sh\n[ "$1 $2" = "--yes database-operator@${await packageVersion()}" ] || exit 99\nshift 2\nexec "${process.execPath}" src/main.ts "$@"\n`;
    await writeFile(path.join(folder, 'npx'), npx);
    await chmod(path.join(folder, 'npx'), 0o755);
  });
  after(() => rm(folder, { recursive: true }));

  const action = async () =>
    parse(await read('action.yml')) as {
      inputs: Record<string, { description: string; default: string }>;
      runs: { using: string; steps: { run: string; env: Record<string, string> }[] };
    };

  it('the action marks faults, writes SARIF and fails', async () => {
    const { inputs, runs } = await action();
    const sarif = path.join(folder, 'out.sarif');
    const env = {
      FILES: 'examples/postgresql-minimal.yaml\nexamples/refused/image-disagrees.yaml\n',
      OLD: '',
      SARIF_FILE: sarif,
      VERSION: String(inputs['version']?.default),
    };
    assert.deepEqual(Object.keys(env).sort(), Object.keys(runs.steps[0]?.env ?? {}).sort());
    const { code, stdout, stderr } = await bash(runs.steps[0]?.run ?? '', env);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /^::error file=examples\/refused\/image-disagrees\.yaml,line=\d+,col=\d+,title=DB021 /m);
    const { runs: logs } = JSON.parse(await readFile(sarif, 'utf8')) as { runs: { results: unknown[] }[] };
    assert.ok((logs[0]?.results.length ?? 0) > 0);
  });

  it('the action passes when all is allowed, and runs no text of its inputs', async () => {
    const { inputs, runs } = await action();
    const step = runs.steps[0];
    assert.doesNotMatch(step?.run ?? '', /\$\{\{/);
    const env = { FILES: 'examples/postgresql-minimal.yaml', OLD: '', SARIF_FILE: '', VERSION: '' };
    const VERSION = String(inputs['version']?.default);
    assert.equal((await bash(step?.run ?? '', { ...env, VERSION })).code, 0);
    const hostile = { ...env, VERSION, FILES: `$(touch ${folder}/touched)` };
    assert.equal((await bash(step?.run ?? '', hostile)).code, 2, 'no such file');
    assert.notEqual((await bash(`ls ${folder}/touched`)).code, 0);
  });

  it('the hook refuses, and takes files as pre-commit gives them', async () => {
    const [hook] = parse(await read('.pre-commit-hooks.yaml')) as { entry: string }[];
    const good = await bash(`${hook?.entry ?? ''} examples/postgresql-minimal.yaml package.json`);
    assert.equal(good.code, 0, good.stdout);
    assert.match(good.stderr, /^warning: package\.json is not one of ours: passed over$/m);
    assert.equal((await bash(`${hook?.entry ?? ''} examples/refused/image-disagrees.yaml`)).code, 1);
  });

  it('docs/ci.md shows what is printed', async () => {
    const text = await read('docs/ci.md');
    const expected = await replay(text);
    if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path.join(root, 'docs/ci.md'), expected);
    else assert.equal(text, expected);
  });
});

/** The document with the output of every command put in anew. */
async function replay(text: string): Promise<string> {
  const parts = text.split(/(?<=^```console\n)([\s\S]*?)(?=^```$)/m);
  const replayed = parts.map((part, index) => (index % 2 === 0 ? Promise.resolve(part) : replayBlock(part)));
  return (await Promise.all(replayed)).join('');
}

async function replayBlock(block: string): Promise<string> {
  let output = '';
  let code = 0;
  for (const line of block.split('\n').filter((one) => one.startsWith('$ '))) {
    output += `${line}\n`;
    const [, args] = /^\$ npx database-operator validate (.*)$/.exec(line) ?? [];
    if (args === undefined) {
      assert.equal(line, '$ echo $?', 'a command that this test can run');
      output += `${code}\n`;
      continue;
    }
    const print = (printed: string): void => void (output += printed);
    const io = { ...processIo(), stdout: print, stderr: print, now: () => new Date('2026-11-20T12:00:00Z') };
    code = await cliValidate(args.split(' '), { ...io, readFile: (file) => read(file) });
  }
  return output;
}
