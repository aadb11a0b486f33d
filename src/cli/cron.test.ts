import assert from 'node:assert/strict';
import cases from '../../test/fixtures/conformance/cron.json' with { type: 'json' };
import { cliCron, readTime } from './cron.ts';
import { run } from './testing.test.ts';

describe('cron', () => {
  const after = ['--after', '2026-01-01T00:00:00Z', '-n', '4', '-o', 'json'];

  it('prints what the conformance table says, for every line', async () => {
    for (const line of cases) {
      const { code, out, err } = await run(cliCron, [line.schedule, ...after]);
      const expected = line.ok ? { ok: true, next: line.next ?? [] } : { ok: false, error: line.error };
      assert.deepEqual([JSON.parse(out), code, err], [expected, line.ok ? 0 : 1, ''], JSON.stringify(line.schedule));
    }
  });

  it('counts from now, five times, as a table', async () => {
    const { code, out } = await run(cliCron, ['@daily']);
    assert.equal(code, 0);
    assert.deepEqual(out.trimEnd().split('\n').slice(0, 2), ['2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z']);
    assert.equal(out.split('\n').length, 6);
  });

  it('reads the schedule in a time zone', async () => {
    const { out } = await run(cliCron, ['0 2 * * *', '--time-zone', 'Asia/Seoul', ...after]);
    assert.equal((JSON.parse(out) as { next: string[] }).next[0], '2026-01-01T17:00:00Z');
  });

  it('refuses a time zone that Kubernetes would refuse', async () => {
    const { code, out } = await run(cliCron, ['0 2 * * *', '--time-zone=asia/seoul', '-o', 'json']);
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(out), { ok: false, error: 'unknown time zone asia/seoul; did you mean Asia/Seoul?' });
  });

  it('takes a schedule that begins with a hyphen for a schedule', async () => {
    const { code, err } = await run(cliCron, ['-5 * * * *']);
    assert.equal(code, 1);
    assert.match(err, /failed to parse int from : strconv\.Atoi/);
  });

  it('says when a schedule never fires', async () => {
    const { code, out, err } = await run(cliCron, ['0 3 31 2 *']);
    assert.deepEqual([code, out], [0, '']);
    assert.match(err, /never fires/);
  });

  for (const args of [
    [],
    ['@daily', '@hourly'],
    ['0', '2', '*', '*', '*'],
    ['@daily', '-n', '0'],
    ['@daily', '-n', 'x'],
    ['@daily', '-n', '1001'],
    ['@daily', '-n'],
    ['@daily', '-o', 'yaml'],
    ['@daily', '--after', 'tomorrow'],
    ['@daily', '--after', '2026-02-30T00:00:00Z'],
    ['@daily', '--aftr', '2026-01-01T00:00:00Z'],
    ['@daily', '-n', '1', '-n', '2'],
  ]) {
    it(`cron ${args.join(' ')} is wrong usage`, async () => {
      const { code, out, err } = await run(cliCron, args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /Usage:/);
    });
  }

  it('has help', async () => {
    const { code, out } = await run(cliCron, ['--help']);
    assert.equal(code, 0);
    assert.match(out, /--time-zone/);
  });
});

describe('readTime', () => {
  for (const text of ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456789+09:00', '2028-02-29T23:59:59-00:00']) {
    it(`reads ${text}`, () => assert.ok(readTime(text)));
  }
  for (const text of [
    '',
    '2026-01-01',
    '2026-01-01 00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-13-01T00:00:00Z',
    '1',
    '2027-02-29T00:00:00Z',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(readTime(text), undefined));
  }
});
