import assert from 'node:assert/strict';
import { fakeClock } from '../../test/simulation/fake-clock.ts';
import { noFacts, type Access } from '../admission/facts.ts';
import type { KubernetesClient, ListPage } from '../kubernetes/client.ts';
import type { AccessReviews } from './access-reviews.ts';
import { createReviewHandler } from './review-handler.ts';

const review = (resource: string, name: string, operation = 'DELETE'): Buffer =>
  Buffer.from(
    JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'u',
        kind: { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' },
        resource: { group: 'apiextensions.k8s.io', version: 'v1', resource },
        operation,
        name,
        userInfo: { username: 'ann' },
        object: null,
        oldObject: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name } },
      },
    }),
  );

const one: ListPage = {
  items: [{ apiVersion: 'example.com/v1', kind: 'Database', metadata: { name: 'orders', namespace: 'shop' } }],
  resourceVersion: '1',
};

describe('deleting a definition', () => {
  const clock = fakeClock();
  const asked: string[] = [];
  const deciding = async (
    listPage: KubernetesClient['listPage'],
    body: Buffer,
  ): Promise<{ allowed: boolean; text: string; immediate: boolean }> => {
    asked.length = 0;
    const client: Pick<KubernetesClient, 'listPage'> = {
      listPage: (resource, options) => {
        asked.push(resource.plural);
        return listPage(resource, options);
      },
    };
    const handle = createReviewHandler({ clock, facts: noFacts, client, onPanic: () => undefined });
    const answer = handle({ route: 'validate', body, signal: new AbortController().signal });
    const immediate = !(answer instanceof Promise);
    if (!immediate) await clock.advance(2_000);
    const { body: text } = await answer;
    const { response } = JSON.parse(text) as { response: { allowed: boolean } };
    return { allowed: response.allowed, text, immediate };
  };

  it('is refused while the API server knows objects of it, whatever the caches say', async () => {
    const { allowed, text } = await deciding(
      () => Promise.resolve(one),
      review('customresourcedefinitions', 'databases.example.com'),
    );
    assert.equal(allowed, false);
    assert.match(text, /shop\/orders/);
    assert.deepEqual(asked, ['databases']);
  });

  it('is allowed when there are none', async () => {
    const none = (): Promise<ListPage> => Promise.resolve({ items: [], resourceVersion: '1' });
    const { allowed, text } = await deciding(none, review('customresourcedefinitions', 'databases.example.com'));
    assert.equal(allowed, true);
    assert.doesNotMatch(text, /not checked/);
  });

  it('falls back to the caches when the API server fails or takes too long', async () => {
    const slow: KubernetesClient['listPage'] = (_, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    for (const listPage of [slow, () => Promise.reject(new Error('down'))]) {
      const { text } = await deciding(listPage, review('customresourcedefinitions', 'databases.example.com'));
      assert.match(text, /not checked/);
    }
    assert.equal(clock.pending, 0);
  });

  it('asks nothing for definitions of others, nor for anything else', async () => {
    for (const body of [
      review('customresourcedefinitions', 'certificates.cert-manager.io'),
      review('databases', 'databases.example.com'),
    ]) {
      const { allowed, immediate } = await deciding(() => Promise.resolve(one), body);
      assert.equal(allowed, true);
      assert.ok(immediate);
    }
    assert.deepEqual(asked, []);
  });
});

describe('a review of a DatabaseUser', () => {
  const clock = fakeClock();
  const userReview = (spec: object, operation = 'CREATE'): Buffer => {
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'DatabaseUser',
      metadata: { name: 'reporting', namespace: 'shop' },
      spec: { databaseRef: { name: 'orders' }, username: 'reporting', ...spec },
    };
    return Buffer.from(
      JSON.stringify({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: {
          uid: 'u',
          kind: { group: 'example.com', version: 'v1', kind: 'DatabaseUser' },
          resource: { group: 'example.com', version: 'v1', resource: 'databaseusers' },
          operation,
          name: 'reporting',
          namespace: 'shop',
          userInfo: { username: 'ann', groups: ['dev'], uid: 'u-1', extra: { scope: ['x'] } },
          object: operation === 'DELETE' ? null : object,
          oldObject: operation === 'DELETE' ? object : null,
        },
      }),
    );
  };
  const answerTo = async (body: Buffer, value?: Access) => {
    const asked: unknown[] = [];
    const access: AccessReviews = {
      ask: (user, questions) => {
        asked.push(user, ...questions);
        return Promise.resolve(() => ({ known: true, value: value ?? 'unanswered', ageSeconds: 0 }));
      },
    };
    const options = { clock, facts: noFacts, onPanic: () => undefined, ...(value !== undefined && { access }) };
    const answer = createReviewHandler(options)({ route: 'validate', body, signal: new AbortController().signal });
    const { response } = JSON.parse((await answer).body) as { response: { allowed: boolean; warnings?: string[] } };
    return { asked, immediate: !(answer instanceof Promise), ...response };
  };
  const owner = { privileges: [{ preset: 'owner' }] };

  it('is asked about as the one who writes, and decided by the answer', async () => {
    const { asked, allowed } = await answerTo(userReview(owner), 'allowed');
    assert.ok(allowed);
    assert.deepEqual(asked, [
      { username: 'ann', groups: ['dev'], uid: 'u-1', extra: { scope: ['x'] } },
      { subresource: 'grant-owner', namespace: 'shop', name: 'orders' },
    ]);
    assert.equal((await answerTo(userReview(owner), 'denied')).allowed, false);
    assert.equal((await answerTo(userReview(owner), 'unanswered')).allowed, false, 'fails closed');
  });

  it('is answered at once where nothing is granted', async () => {
    for (const body of [userReview({ privileges: [] }), userReview(owner, 'DELETE')]) {
      const { immediate, allowed, asked } = await answerTo(body, 'denied');
      assert.ok(immediate && allowed);
      assert.deepEqual(asked, []);
    }
  });

  it('is admitted with a warning where there is no cluster to ask', async () => {
    const { allowed, immediate, warnings = [] } = await answerTo(userReview(owner));
    assert.ok(allowed && immediate);
    assert.match(warnings.join(' '), /not checked: whether you may create databases\/grant-owner/);
  });
});
