/** `npm run test:e2e -- GROUP…`: end-to-end tests on a real cluster, a folder of test/e2e each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const groups = (await readdir(here, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const help = `Usage: npm run test:e2e -- [GROUP…] [--grep TEXT] [--engine NAMES] [--event NAMES] [--runs N] [--figures FILE]

Groups: ${groups.join(', ')} (default: all of them)
KUBECONFIG names the cluster; without it, the single-node one beside the repository is started.
--engine and --event (ha, engines) leave only those named, by comma; --runs (ha, default 1) repeats every event, prints the
distribution and, from three on, holds the median to what is typical; --figures writes it and every run to a file.
On a cluster elsewhere set E2E_WEBHOOK_HOST to a name or address under which it reaches this machine.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    grep: { type: 'string' },
    engine: { type: 'string', default: '' },
    event: { type: 'string', default: '' },
    runs: { type: 'string', default: '1' },
    figures: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
const filters = {
  E2E_ENGINE: values.engine,
  E2E_EVENT: values.event,
  E2E_RUNS: values.runs,
  E2E_FIGURES: values.figures === '' ? '' : path.resolve(values.figures),
};
const unknown = positionals.filter((group) => !groups.includes(group));
if (values.help) process.stdout.write(help);
else if (!/^[1-9]\d{0,2}$/.test(values.runs)) {
  process.stderr.write(`--runs: ${values.runs} is not a whole number from 1 to 999\n`);
  process.exitCode = 2;
} else if (unknown.length > 0) {
  process.stderr.write(`no such group: ${unknown.join(', ')}\n${help}`);
  process.exitCode = 2;
} else process.exitCode = await runGroups(positionals.length > 0 ? positionals : groups, values.grep);

/** Runs the groups one after the other; the closing line counts them all. */
async function runGroups(names: readonly string[], grep: string | undefined): Promise<number> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'database-operator-e2e-'));
  let passed = 0;
  let failed = 0;
  for (const name of names) {
    process.stdout.write(`== ${name}\n`);
    const results = path.join(scratch, `${name}.json`);
    const child = spawn(
      process.execPath,
      [
        path.join(here, '../../node_modules/mocha/bin/mocha.js'),
        '--no-config',
        '--extension',
        'ts',
        '--timeout',
        '300000',
        '--reporter',
        path.join(here, '../counting-reporter.js'),
        '--reporter-option',
        `output=${results}`,
        ...(grep === undefined ? [] : ['--grep', grep]),
        path.join(here, name, '**/*.test.ts'),
      ],
      { stdio: 'inherit', env: { ...process.env, ...filters } },
    );
    await once(child, 'exit');
    // A run that ended before it could count is one failure.
    const counts = await readFile(results, 'utf8').then(
      (text) => JSON.parse(text) as { passed: number; failed: number },
      () => ({ passed: 0, failed: 1 }),
    );
    passed += counts.passed;
    failed += counts.failed;
  }
  await rm(scratch, { recursive: true, force: true });
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed > 0 || passed === 0 ? 1 : 0;
}
