import assert from 'node:assert/strict';
import { timeZones } from './time-zones.generated.ts';
import { isTimeZone, nearestTimeZone, zoneOffset } from './timezone.ts';

const hour = 3_600_000;

describe('time zones', () => {
  for (const name of [
    'UTC',
    'Etc/UTC',
    'Asia/Seoul',
    'US/Pacific',
    'EST5EDT',
    'America/Argentina/Buenos_Aires',
    'GMT+0',
  ]) {
    it(`knows ${name}`, () => assert.ok(isTimeZone(name)));
  }
  for (const name of [
    '',
    'Local',
    'utc',
    'asia/seoul',
    'Asia/Seoul ',
    '+05:00',
    'PST',
    '../UTC',
    'posix/UTC',
    '__proto__',
  ]) {
    it(`does not know ${JSON.stringify(name)}`, () => {
      assert.equal(isTimeZone(name), false);
      assert.equal(zoneOffset(name), undefined);
    });
  }

  it('the list is sorted and without doubles, and every name has an offset', () => {
    assert.deepEqual([...new Set(timeZones)].sort(), timeZones);
    assert.ok(timeZones.length > 590);
    for (const name of timeZones.filter((_, index) => index % 12 === 0)) {
      const offset = zoneOffset(name)?.(Date.UTC(2026, 0, 1));
      assert.ok(offset !== undefined && Math.abs(offset) <= 14 * hour, name);
    }
  });

  it('offsets follow the clock changes, to the second', () => {
    const berlin = zoneOffset('Europe/Berlin')!;
    const change = Date.UTC(2026, 2, 29, 1);
    assert.equal(berlin(change - 1), hour);
    assert.equal(berlin(change), 2 * hour);
    assert.equal(zoneOffset('Asia/Kathmandu')!(change), 5.75 * hour);
    assert.equal(zoneOffset('Factory')!(change), 0);
  });

  it('finds what was probably meant', () => {
    assert.equal(nearestTimeZone('europe/berlin'), 'Europe/Berlin');
    assert.equal(nearestTimeZone('America/New York'), 'America/New_York');
    assert.equal(nearestTimeZone('Asia/Soeul'), 'Asia/Seoul');
    assert.equal(nearestTimeZone('utc'), 'UTC');
    assert.equal(nearestTimeZone('Mars/Olympus_Mons_Base'), undefined);
    assert.equal(nearestTimeZone('x'.repeat(10_000)), undefined);
  });
});
