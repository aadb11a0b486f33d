import assert from 'node:assert/strict';
import { columns, coloured, duration, plain, relative, styleFor, wrap } from './style.ts';

describe('text of the plugin', () => {
  it('shows durations as coarsely as they are long', () => {
    const table: readonly (readonly [number, string])[] = [
      [-5, '0s'],
      [0, '0s'],
      [119, '119s'],
      [120, '2m'],
      [3599, '59m'],
      [3600, '1h0m'],
      [7500, '2h5m'],
      [10_800, '3h'],
      [172_799, '47h'],
      [172_800, '2d'],
    ];
    for (const [seconds, text] of table) assert.equal(duration(seconds * 1000), text, String(seconds));
  });

  it('says how long ago and how soon', () => {
    const now = new Date('2026-01-01T00:00:00Z');
    assert.equal(relative('2025-12-31T23:00:00Z', now), '1h0m ago');
    assert.equal(relative('2026-01-02T00:00:00Z', now), 'in 24h');
    assert.equal(relative(undefined, now), '');
    assert.equal(relative('soon', now), '');
  });

  it('breaks lines at blanks only, and indents what follows', () => {
    assert.deepEqual(wrap('aa bb cc', 7, '! '), ['! aa bb', '  cc']);
    assert.deepEqual(wrap('aa bb', 100, '  x: ', '    '), ['  x: aa bb']);
    assert.deepEqual(wrap('averylongword b', 4), ['averylongword', 'b']);
    assert.deepEqual(wrap('', 10, 'x'), ['x']);
  });

  it('aligns columns by their text, not by their colours, and leaves out empty ones', () => {
    const rows = [
      ['a', { text: 'bad', tone: 'bad' } as const, '', 'x'],
      ['longer', 'ok', '', 'y'],
    ];
    assert.deepEqual(columns(rows, plain, ['N', 'S', 'GONE', 'Z']), [
      'N       S    Z',
      'a       bad  x',
      'longer  ok   y',
    ]);
    assert.match(columns(rows, coloured)[0] ?? '', /^a {7}\S*bad\S* {2}x$/);
    assert.deepEqual(columns([], plain), []);
  });

  it('uses colours on a terminal that wants them only', () => {
    assert.equal(styleFor(true, {}), coloured);
    assert.equal(styleFor(true, { NO_COLOR: '' }), coloured);
    assert.equal(styleFor(true, { NO_COLOR: '1' }), plain);
    assert.equal(styleFor(true, { TERM: 'dumb' }), plain);
    assert.equal(styleFor(false, {}), plain);
  });
});
