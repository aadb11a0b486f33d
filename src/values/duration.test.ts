import assert from 'node:assert/strict';
import fc from 'fast-check';
import cases from '../../test/fixtures/conformance/durations.json' with { type: 'json' };
import {
  parseDuration,
  parseGoDuration,
  parsePrometheusDuration,
  parseQueryTimeout,
  parseRetention,
  type Parsed,
} from './duration.ts';

const valueOf = <T>(parsed: Parsed<T>): T | undefined => (parsed.ok ? parsed.value : undefined);

/** Any UTF-16, broken pairs included. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe('parseGoDuration', () => {
  it('agrees with time.ParseDuration on every line of the table, errors included', () => {
    for (const line of cases) {
      const parsed = parseGoDuration(line.text);
      const actual = parsed.ok ? { ok: true, nanoseconds: String(parsed.value) } : { ok: false, error: parsed.error };
      const { text, ...expected } = line;
      assert.deepEqual(actual, expected, JSON.stringify(text));
    }
  });

  it('never throws', () => {
    fc.assert(fc.property(anyText, (text) => typeof parseGoDuration(text).ok === 'boolean'));
  });

  it('does not take names of the prototype for units', () => {
    assert.equal(parseGoDuration('1constructor').ok, false);
    assert.equal(parseDuration('1constructor').ok, false);
  });
});

describe('parsePrometheusDuration', () => {
  for (const [text, milliseconds] of [
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
    ['15ms', 15],
    ['0', 0],
  ] as const) {
    it(`reads ${text}`, () => assert.equal(valueOf(parsePrometheusDuration(text)), milliseconds));
  }
  for (const text of ['', '30', '1.5h', '30s1m', '-5s', '1H', ' 5s', '5s ', '300y', '1s\n']) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parsePrometheusDuration(text).ok, false));
  }
});

describe('parseDuration', () => {
  for (const [text, milliseconds] of [
    ['0', 0],
    ['1.5h', 5_400_000],
    ['30d', 2_592_000_000],
    ['1w2d', 777_600_000],
    ['90d12h', 7_819_200_000],
    ['500us', 0],
  ] as const) {
    it(`reads ${text}`, () => assert.equal(valueOf(parseDuration(text)), milliseconds));
  }
  for (const text of ['', '5', '-5s', '+5s', '.5h', '5.h', '1month', '293y', '1d ', 'd', '1'.repeat(60) + 'y']) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(parseDuration(text).ok, false));
  }
});

describe('parseQueryTimeout', () => {
  for (const [value, milliseconds] of [
    ['30s', 30_000],
    [100, 100_000],
    ['100', 100_000],
    ['1m30s', 90_000],
    ['250ms', 250],
    ['0', 0],
    [0, 0],
    ['2147483s', 2_147_483_000],
  ] as const) {
    it(`reads ${value}`, () => assert.equal(valueOf(parseQueryTimeout(value)), milliseconds));
  }
  for (const value of [
    '',
    'forever',
    '-1',
    '-1s',
    '1us',
    '0.5ms',
    '25d',
    '2147484',
    1.5,
    -3,
    '1e3',
    '30 s',
    '0.0.1s',
  ]) {
    it(`refuses ${JSON.stringify(value)}`, () => assert.equal(parseQueryTimeout(value).ok, false));
  }
});

describe('parseRetention', () => {
  it('reads ages', () => {
    assert.deepEqual(valueOf(parseRetention('30d')), { keep: 'age', seconds: 2_592_000 });
    assert.deepEqual(valueOf(parseRetention('12h')), { keep: 'age', seconds: 43_200 });
    assert.deepEqual(valueOf(parseRetention('4w')), { keep: 'age', seconds: 2_419_200 });
    assert.deepEqual(valueOf(parseRetention('90m')), { keep: 'age', seconds: 5400 });
  });

  it('reads counts', () => {
    assert.deepEqual(valueOf(parseRetention(7)), { keep: 'count', count: 7 });
    assert.deepEqual(valueOf(parseRetention('7')), { keep: 'count', count: 7 });
  });

  for (const value of ['', '0', 0, '0d', '-1', -1, '1.5d', 1.5, '30 d', '30days', '1mo', '07d', 'd', '30D', '1d12h']) {
    it(`refuses ${JSON.stringify(value)}`, () => assert.equal(parseRetention(value).ok, false));
  }
});
