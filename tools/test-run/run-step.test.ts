import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runStep, type Result } from './run-step.ts';
import { steps, type Step } from './steps.ts';

describe('test runner', () => {
  let root: string;
  let written: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'run-step-'));
    written = '';
  });
  afterEach(() => rm(root, { recursive: true }));

  const run = async (step: Partial<Step>): Promise<Omit<Result, 'name' | 'seconds'>> => {
    const whole: Step = { name: 'x', title: 'x', command: ['true'], counts: 'gate', timeoutMinutes: 1, ...step };
    const { passed, failed, note } = await runStep(whole, { root, write: (text) => (written += text) });
    return note === undefined ? { passed, failed } : { passed, failed, note };
  };
  const shell = (script: string): Step['command'] => ['sh', '-c', script];
  const suite = async (text: string): Promise<Step['command']> => {
    await writeFile(path.join(root, 'a.test.cjs'), text);
    const mocha = path.resolve(import.meta.dirname, '../../node_modules/mocha/bin/mocha.js');
    return ['node', mocha, '--no-config', 'a.test.cjs'];
  };

  it('counts a gate as one test and shows its output only when it fails', async () => {
    assert.deepEqual(await run({ command: shell('echo noise') }), { passed: 1, failed: 0 });
    assert.equal(written, '');
    assert.deepEqual(await run({ command: shell('echo why; exit 3') }), { passed: 0, failed: 1, note: 'exit code 3' });
    assert.equal(written, 'why\n');
  });

  it('counts what mocha ran', async () => {
    const command = await suite(`it('a', () => {}); it('b', () => { throw new Error('b'); }); it('c', () => {});`);
    assert.deepEqual(await run({ command, counts: 'mocha' }), { passed: 2, failed: 1 });
    assert.match(written, /2 passing/);
  });

  it('counts a skipped test as failed', async () => {
    const command = await suite(`it('a', () => {}); it.skip('b', () => {});`);
    assert.deepEqual(await run({ command, counts: 'mocha' }), { passed: 1, failed: 1, note: '1 skipped' });
  });

  it('counts a suite that dies before its end, or is empty, as failed', async () => {
    const dying = await run({ command: await suite(`it('a', () => process.exit(0));`), counts: 'mocha' });
    assert.deepEqual(dying, { passed: 0, failed: 1, note: 'it did not count' });
    const broken = await run({ command: await suite(`require('./nothing');`), counts: 'mocha' });
    assert.equal(broken.failed, 1);
    const empty = await run({ command: await suite(''), counts: 'mocha' });
    assert.equal(empty.failed, 1);
  });

  it('takes the closing line of a program that counts for itself', async () => {
    const counts = 'closing-line';
    assert.deepEqual(await run({ command: shell('echo 500 passed, 0 failed'), counts }), { passed: 500, failed: 0 });
    assert.deepEqual(await run({ command: shell('echo 499 passed, 1 failed; exit 1'), counts }), {
      passed: 499,
      failed: 1,
    });
    assert.deepEqual(await run({ command: shell('echo fine'), counts }), { passed: 1, failed: 0 });
    assert.equal((await run({ command: shell('echo 5 passed, 0 failed; exit 1'), counts })).failed, 1);
  });

  it('counts a program that is not there as failed', async () => {
    assert.equal((await run({ command: ['node', 'test/nothing.ts'], counts: 'closing-line' })).failed, 1);
  });

  it('ends a step that hangs', async () => {
    const result = await run({ command: shell('sleep 100; true'), timeoutMinutes: 0.001 });
    assert.equal(result.failed, 1);
    assert.match(result.note ?? '', /hung/);
  });

  it('has a name of its own for every step', () => {
    assert.equal(new Set(steps.map(({ name }) => name)).size, steps.length);
  });
});
