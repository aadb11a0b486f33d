import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { createDrain } from './drain.ts';

describe('drain', () => {
  const setup = (): {
    clock: ReturnType<typeof fakeClock>;
    drain: ReturnType<typeof createDrain>;
    begin: () => () => boolean;
  } => {
    const clock = fakeClock();
    const drain = createDrain({ clock, quiet: 15_000, longest: 45_000 });
    const begin = (): (() => boolean) => {
      let done = false;
      void drain.begin().then(() => (done = true));
      return () => done;
    };
    return { clock, drain, begin };
  };

  it('sigterm-quiet-period: ends after a quiet period', async () => {
    const { clock, drain, begin } = setup();
    assert.equal(drain.draining, false);
    const done = begin();
    assert.equal(drain.draining, true);
    await clock.advance(14_999);
    assert.equal(done(), false);
    await clock.advance(1);
    assert.equal(done(), true);
  });

  it('counts the quiet period from the last request', async () => {
    const { clock, drain, begin } = setup();
    const done = begin();
    await clock.advance(10_000);
    drain.track()();
    await clock.advance(14_999);
    assert.equal(done(), false);
    await clock.advance(1);
    assert.equal(done(), true);
  });

  it('does not count quiet from before it began', async () => {
    const { clock, begin } = setup();
    await clock.advance(60_000);
    const done = begin();
    await clock.advance(14_999);
    assert.equal(done(), false);
  });

  it('waits for a request in flight', async () => {
    const { clock, drain, begin } = setup();
    const answered = drain.track();
    const done = begin();
    await clock.advance(30_000);
    assert.equal(done(), false);
    answered();
    answered();
    assert.equal(drain.inFlight, 0);
    await clock.advance(50);
    assert.equal(done(), true);
  });

  it('ends in any case', async () => {
    const { clock, drain, begin } = setup();
    drain.track();
    const done = begin();
    for (let second = 0; second < 44; second++) {
      drain.track()();
      await clock.advance(1_000);
    }
    assert.equal(done(), false);
    await clock.advance(1_000);
    assert.equal(done(), true);
  });

  it('has no quiet period when hurried, but waits for what is in flight', async () => {
    const { clock, drain } = setup();
    const answered = drain.track();
    let done = false;
    void drain.begin({ hurried: true }).then(() => (done = true));
    await clock.advance(100);
    assert.equal(done, false);
    answered();
    await clock.advance(50);
    assert.equal(done, true);
  });

  it('begins once', () => {
    const { drain } = setup();
    assert.equal(drain.begin(), drain.begin());
  });
});
