import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import type { AccessQuestion } from '../admission/facts.ts';
import type { KubernetesObject } from '../api/object.ts';
import { createAccessReviews, type AccessReviews } from './access-reviews.ts';

const jane = { username: 'jane', groups: ['dev'], uid: 'u-1', extra: { scopes: ['a'] } };
const question: AccessQuestion = { subresource: 'grant-owner', namespace: 'shop', name: 'orders' };

describe('access reviews', () => {
  let clock = fakeClock();
  let asked: KubernetesObject[] = [];
  let answer: (spec: unknown) => Promise<unknown> = () => Promise.resolve({ allowed: true });
  let errors: unknown[] = [];
  let reviews: AccessReviews;

  beforeEach(() => {
    clock = fakeClock();
    asked = [];
    errors = [];
    answer = () => Promise.resolve({ allowed: true });
    reviews = createAccessReviews({
      clock,
      client: {
        create: async (_, object) => {
          asked.push(object);
          return { ...object, status: await answer(object['spec']) };
        },
      },
      onError: (error) => errors.push(error),
    });
  });

  const ask = async (user: Parameters<AccessReviews['ask']>[0] = jane, what = question): Promise<string> => {
    const answers = await reviews.ask(user, [what]);
    const fact = answers(what);
    return fact.known ? fact.value : 'unknown';
  };

  it('asks for the verb create on the subresource, as the user who writes', async () => {
    assert.equal(await ask(), 'allowed');
    assert.deepEqual(asked[0]?.['spec'], {
      user: 'jane',
      groups: ['dev'],
      uid: 'u-1',
      extra: { scopes: ['a'] },
      resourceAttributes: {
        group: 'example.com',
        version: 'v1',
        resource: 'databases',
        subresource: 'grant-owner',
        verb: 'create',
        namespace: 'shop',
        name: 'orders',
      },
    });
  });

  it('remembers a yes for 10 s and a no for 2 s', async () => {
    for (const [allowed, seconds] of [
      [true, 10],
      [false, 2],
    ] as const) {
      answer = () => Promise.resolve({ allowed });
      const user = { ...jane, username: `user-${seconds}` };
      const expected = allowed ? 'allowed' : 'denied';
      const before = asked.length;
      assert.equal(await ask(user), expected);
      await clock.advance(seconds * 1000 - 1);
      assert.equal(await ask(user), expected);
      assert.equal(asked.length, before + 1);
      await clock.advance(1);
      await ask(user);
      assert.equal(asked.length, before + 2);
    }
  });

  it('an answer is for one user and one question', async () => {
    await ask();
    for (const user of [
      { ...jane, username: 'jim' },
      { ...jane, groups: [] },
      { ...jane, uid: 'u-2' },
    ])
      await ask(user);
    for (const more of [{ subresource: 'grant-admin' }, { namespace: 'other' }, { name: 'invoices' }]) {
      await ask(jane, { ...question, ...more });
    }
    assert.equal(asked.length, 7);
  });

  it('what was not asked is unanswered', async () => {
    const answers = await reviews.ask(jane, [question]);
    const other = answers({ ...question, name: 'invoices' });
    assert.deepEqual(other.known && other.value, 'unanswered');
  });

  it('waits 100 ms and no longer; what comes later serves the next attempt', async () => {
    let release: (status: unknown) => void = () => undefined;
    answer = () => new Promise((resolve) => (release = resolve));
    const waiting = ask();
    const again = ask();
    await clock.advance(99);
    let settled = false;
    void waiting.then(() => (settled = true));
    await clock.advance(0);
    assert.equal(settled, false);
    await clock.advance(1);
    assert.equal(await waiting, 'unanswered');
    assert.equal(await again, 'unanswered');
    assert.equal(asked.length, 1, 'two reviews wait for one answer');
    release({ allowed: true });
    await clock.advance(0);
    assert.equal(await ask(), 'allowed');
    assert.equal(asked.length, 1);
    assert.equal(clock.pending, 0);
  });

  it('a failure, or an answer that is none, is no yes and is not remembered', async () => {
    answer = () => Promise.reject(new Error('forbidden'));
    assert.equal(await ask(), 'unanswered');
    answer = () => Promise.resolve({});
    assert.equal(await ask(), 'unanswered');
    answer = () => Promise.resolve({ allowed: 'yes' });
    assert.equal(await ask(), 'unanswered');
    assert.equal(errors.length, 3);
    answer = () => Promise.resolve({ allowed: true, denied: true });
    assert.equal(await ask(), 'denied');
  });

  it('keeps 32 questions open at most, and 1,000 answers', async () => {
    const releases: (() => void)[] = [];
    answer = () => new Promise((resolve) => releases.push(() => resolve({ allowed: true })));
    const many = Array.from({ length: 40 }, (_, index) => ask({ ...jane, username: `u${index}` }));
    await clock.advance(100);
    assert.ok((await Promise.all(many)).every((one) => one === 'unanswered'));
    assert.equal(asked.length, 32);
    for (const release of releases) release();
    answer = () => Promise.resolve({ allowed: true });
    for (let index = 0; index < 1_000; index += 1) await ask({ ...jane, username: `v${index}` });
    const before = asked.length;
    await ask({ ...jane, username: 'v999' });
    assert.equal(asked.length, before, 'the newest are kept');
    await ask({ ...jane, username: 'u0' });
    assert.equal(asked.length, before + 1, 'the oldest made room');
  });
});
