import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { giveBackWhenIdle } from './memory.ts';

const mebibyte = 1024 * 1024;

describe('memory is given back', () => {
  let clock = fakeClock();
  let [collections, resident] = [0, 0];
  let quiet: number | undefined;
  const start = (): (() => void) =>
    giveBackWhenIdle({
      clock,
      collect: () => {
        collections++;
        resident = 80 * mebibyte;
      },
      residentBytes: () => resident,
      quietSince: () => quiet,
    });

  beforeEach(() => {
    clock = fakeClock();
    [collections, resident, quiet] = [0, 120 * mebibyte, 0];
  });

  it('once after a burst, and not again while nothing grows', async () => {
    start();
    await clock.advance(600_000);
    assert.equal(collections, 1);
    resident += 3 * mebibyte;
    await clock.advance(600_000);
    assert.equal(collections, 1);
    resident += 3 * mebibyte;
    await clock.advance(600_000);
    assert.equal(collections, 2);
  });

  it('never while a request is being answered, nor shortly after one', async () => {
    start();
    quiet = undefined;
    await clock.advance(60_000);
    quiet = clock.now() + 6_000;
    await clock.advance(10_000);
    assert.equal(collections, 0);
    await clock.advance(10_000);
    assert.equal(collections, 1);
  });

  it('until it is ended', async () => {
    const end = start();
    end();
    await clock.advance(60_000);
    assert.equal(collections, 0);
    assert.equal(clock.pending, 0);
  });
});
