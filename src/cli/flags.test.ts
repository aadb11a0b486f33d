import assert from 'node:assert/strict';
import { parseFlags, type ParsedFlags } from './flags.ts';

const parse = (...args: string[]): ParsedFlags =>
  parseFlags(args, {
    values: { filename: 'f', tail: '' },
    switches: { follow: 'F', wait: '' },
    repeated: ['filename'],
  });
const read = (...args: string[]): unknown => {
  const parsed = parse(...args);
  return parsed.ok ? { ...Object.fromEntries(parsed.flags), rest: parsed.rest } : parsed.error;
};

describe('flags', () => {
  it('take values, and switches none', () => {
    assert.deepEqual(read('-F', 'orders', '--tail', '5'), { follow: ['true'], tail: ['5'], rest: ['orders'] });
    assert.deepEqual(read('--wait=false', '--tail=5'), { wait: ['false'], tail: ['5'], rest: [] });
    assert.deepEqual(read('-f', 'a', '-f', 'b'), { filename: ['a', 'b'], rest: [] });
    assert.deepEqual(read('x', '--', '-f', '--wait'), { rest: ['x', '-f', '--wait'] });
  });
  it('that are wrong are named', () => {
    assert.equal(read('--wait=maybe'), '--wait is true or false');
    assert.equal(read('--folow'), 'unknown flag --folow; did you mean --follow?');
    assert.equal(read('--tail'), '--tail needs a value');
    assert.equal(read('--tail', '1', '--tail', '2'), '--tail is given twice');
  });
});
