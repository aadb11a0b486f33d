import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createCleanup } from './cleanup.ts';
import { repository } from './cluster.ts';
import { stepText, table } from './report.ts';
import { runTourStep, words, type Outcome, type Output } from './step.ts';
import { tour, tryNext, type Expectation } from './tour.ts';

const answer = (code: number, stdout: string, stderr = ''): Output => ({ code, stdout, stderr });
const refusal = answer(1, '', 'The Database "a" is invalid: spec.size: must be positive\n');

const run = (expect: Expectation, ...answers: readonly Output[]): Promise<Outcome> => {
  let calls = 0;
  return runTourStep(
    { title: 'a title', command: 'kubectl get x', expect },
    () => Promise.resolve(answers[Math.min(calls++, answers.length - 1)] ?? answer(0, '')),
    1,
  );
};

describe('demo', () => {
  it('splits a command as a shell would', () => {
    assert.deepEqual(words(`kubectl patch db x -p '{"a": 1}' -o 'jsonpath={.a} {.b}'`), [
      'kubectl',
      'patch',
      'db',
      'x',
      '-p',
      '{"a": 1}',
      '-o',
      'jsonpath={.a} {.b}',
    ]);
    assert.throws(() => words(`kubectl get 'x`), /a quote is left open/);
  });

  it('takes a refusal that names the fields, and only that', async () => {
    assert.equal((await run({ refused: ['spec.size'] }, refusal)).fault, undefined);
    assert.match((await run({ refused: ['spec.engine'] }, refusal)).fault ?? '', /spec.engine/);
    assert.match((await run({ refused: [] }, answer(0, 'created'))).fault ?? '', /should have been refused/);
  });

  it('takes what is printed, and tries again where the loop takes a moment', async () => {
    assert.equal((await run({ prints: ['ready'] }, answer(0, 'ready'))).fault, undefined);
    assert.match((await run({ prints: ['ready'] }, answer(0, 'soon'), answer(0, 'ready'))).fault ?? '', /ready/);
    const patient = { prints: ['ready'], withinSeconds: 5 };
    assert.equal((await run(patient, refusal, answer(0, 'soon'), answer(0, 'ready'))).fault, undefined);
    assert.match((await run({ prints: ['ready'], withinSeconds: 0.01 }, refusal)).fault ?? '', /exited with 1/);
  });

  it('shows each step as it was typed, and one row for it', async () => {
    const good = await run({ prints: [] }, answer(0, 'x created\n', 'Warning: old\nWarning: odd\n'));
    const bad = await run({ refused: ['spec.size'] }, answer(0, 'created'));
    assert.equal(
      stepText(bad, 1),
      ' 1. a title\n    $ kubectl get x\n      created\n    ✘ it should have been refused\n',
    );
    const rows = table([good, bad]);
    assert.match(rows, /✔ a title +x created, with 2 warnings\n/);
    assert.match(rows, /✘ a title +it should have been refused\n/);
  });

  it('takes down in the opposite order, whatever fails, and once', async () => {
    const order: string[] = [];
    const cleanup = createCleanup((line) => order.push(line));
    cleanup.add('first', () => Promise.resolve(order.push('first')));
    cleanup.add('second', () => Promise.reject(new Error('no answer')));
    cleanup.add('third', () => Promise.resolve(order.push('third')));
    await Promise.all([cleanup.run(), cleanup.run()]);
    assert.deepEqual(order, ['third', 'left behind: second (no answer)', 'first']);
  });

  it('names only files that exist', () => {
    const commands = [...tour.map(({ command }) => command), ...tryNext];
    const files = commands.flatMap((command) => [...command.matchAll(/-f (\S+)/g)].map(([, file]) => file ?? ''));
    assert.ok(files.length > 0);
    for (const file of files) assert.ok(existsSync(path.join(repository, file)), file);
  });

  it('runs nothing but kubectl', () => {
    for (const { command } of tour) assert.equal(words(command)[0], 'kubectl');
  });
});
