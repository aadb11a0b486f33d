import assert from 'node:assert/strict';
import { CronExpressionParser } from 'cron-parser';
import fc from 'fast-check';
import cases from '../../test/fixtures/conformance/cron.json' with { type: 'json' };
import zoneCases from '../../test/fixtures/conformance/cron-zones.json' with { type: 'json' };
import { firesEver, longestGapSeconds, next, nextTimes, parseCron, shortestGapSeconds } from './cron.ts';
import type { CronSchedule } from './cron.ts';

const schedule = (text: string): CronSchedule => {
  const result = parseCron(text);
  assert.ok(result.ok, text);
  return result.schedule;
};

const rfc3339 = (date: Date): string => date.toISOString().replace('.000Z', 'Z');
const errorOf = (text: string): string | undefined => {
  const result = parseCron(text);
  return result.ok ? undefined : result.error;
};

/** Any UTF-16, broken pairs included. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe('parseCron', () => {
  it('agrees with Kubernetes on every line of the conformance table', () => {
    const after = new Date('2026-01-01T00:00:00Z');
    assert.ok(cases.length > 400);
    for (const line of cases) {
      const result = parseCron(line.schedule);
      const actual = result.ok
        ? { ok: true, next: nextTimes(result.schedule, after, 4).map(rfc3339) }
        : { ok: false, error: result.error };
      const expected = line.ok ? { ok: true, next: line.next ?? [] } : { ok: false, error: line.error };
      assert.deepEqual(actual, expected, JSON.stringify(line.schedule));
    }
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const result = parseCron(text);
        return result.ok || result.error !== '';
      }),
    );
  });

  it('never throws on texts made of cron characters, and finds only times after the given one', () => {
    const token = fc.constantFrom(
      '*',
      '?',
      '/',
      '-',
      ',',
      ' ',
      '0',
      '7',
      '31',
      '59',
      'MON',
      'jan',
      '@every ',
      'h',
      '1',
    );
    const after = new Date('2026-05-05T05:05:05Z');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 14 }), (tokens) => {
        const result = parseCron(tokens.join(''));
        if (!result.ok) return;
        const found = next(result.schedule, after);
        assert.ok(found === undefined || found > after);
      }),
    );
  });

  for (const [text, error] of [
    ['0 0 * * * TZ', 'expected exactly 5 fields, found 6: [0 0 * * * TZ]'],
    ['*-TZ * * * *', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
    ['TZ=Nowhere * * * * *', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['*/-5 * * * *', 'negative number (-5) not allowed: -5'],
    ['"\n * * * *', 'expected exactly 5 fields, found 5: [" * * * *]'],
    [
      '99999999999999999999 * * * *',
      'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    ['a"b * * * *', 'failed to parse int from a"b: strconv.Atoi: parsing "a\\"b": invalid syntax'],
    [' @daily', 'expected exactly 5 fields, found 1: [@daily]'],
    ['@daily ', 'unrecognized descriptor: @daily '],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} in Kubernetes' words`, () => {
      if (text === '"\n * * * *') assert.ok(errorOf(text)?.includes('parsing "\\""'));
      else assert.equal(errorOf(text), error);
    });
  }
});

describe('nextTimes in time zones', () => {
  it('agrees with robfig/cron around clock changes', () => {
    assert.ok(zoneCases.length > 200);
    for (const line of zoneCases) {
      const actual = nextTimes(schedule(line.schedule), new Date(line.after), 4, line.timeZone).map(rfc3339);
      assert.deepEqual(actual, line.next, JSON.stringify(line));
    }
  });

  it('gets past a day that does not exist', () => {
    const found = next(schedule('0 0 * * 0'), new Date('2011-12-28T20:00:00Z'), 'Pacific/Apia');
    assert.equal(found?.toISOString(), '2011-12-31T10:00:00.000Z');
  });

  it('finds nothing in a zone that does not exist', () => {
    assert.equal(next(schedule('@daily'), new Date(0), 'Mars/Olympus'), undefined);
  });

  it('answers at once for what never fires', () => {
    for (const text of [', * * * *', '* , * * *', '0 0 31 2,4 *']) {
      assert.deepEqual(nextTimes(schedule(text), new Date(0), 3, 'Europe/Berlin'), []);
    }
  });
});

describe('cron-parser as a partner', () => {
  it('agrees where both are documented to: plain numbers, ranges and lists, one of the day fields a star', () => {
    const within = (min: number, max: number): fc.Arbitrary<string> =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min, max }).map(String),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
          .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
        fc.uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 3 }).map((list) => list.join(',')),
      );
    const days = fc.oneof(
      within(1, 28).map((day) => [day, '*'] as const),
      within(0, 6).map((day) => ['*', day] as const),
    );
    fc.assert(
      fc.property(within(0, 59), within(0, 23), within(1, 12), days, (minute, hour, month, [day, weekday]) => {
        const text = `${minute} ${hour} ${day} ${month} ${weekday}`;
        const currentDate = new Date('2026-03-03T03:03:03Z');
        const theirs = CronExpressionParser.parse(text, { currentDate, tz: 'UTC' }).next().toISOString();
        assert.equal(next(schedule(text), currentDate)?.toISOString(), theirs, text);
      }),
      { numRuns: 60 },
    );
  });
});

describe('gaps', () => {
  const hour = 3600;
  const day = 24 * hour;
  for (const [text, longest, shortest] of [
    ['@every 90m', 5400, 5400],
    ['@every -1h', 1, 1],
    ['0 2 * * *', day, day],
    ['*/15 * * * *', 900, 900],
    ['0 8-17 * * *', 15 * hour, hour],
    ['0 3 * * 1-5', 3 * day, day],
    ['0 0 1 * *', 31 * day, 28 * day],
    ['0 0 31 * *', 61 * day, 31 * day],
    ['0 0 29 2 *', 1461 * day, 1461 * day],
    ['0 0 1,15 * 3', 7 * day, day],
    ['30 23 1 1 *', 366 * day, 365 * day],
  ] as const) {
    it(`of ${text}`, () => {
      assert.deepEqual([longestGapSeconds(schedule(text)), shortestGapSeconds(schedule(text))], [longest, shortest]);
      assert.ok(firesEver(schedule(text)));
    });
  }

  for (const text of ['0 3 31 2 *', '0 3 30,31 2 *', '0 3 31 4,6,9,11 *', ', * * * *', '0 0 * * ,', '0 0 , * ,']) {
    it(`${text} never fires`, () => {
      assert.equal(firesEver(schedule(text)), false);
      assert.equal(longestGapSeconds(schedule(text)), undefined);
      assert.equal(shortestGapSeconds(schedule(text)), undefined);
    });
  }

  it('a day of week rescues a day of month that does not exist', () => {
    assert.ok(firesEver(schedule('0 3 31 2 1')));
    assert.equal(longestGapSeconds(schedule('0 3 31 2 1')), 350 * day);
  });
});
