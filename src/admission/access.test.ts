import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import { accessQuestions } from './access.ts';
import { decide } from './decide.ts';
import { noFacts, type Access } from './facts.ts';
import { database, databaseUser } from './rules/examples.ts';
import { deletionOf, requestFor } from './testing.ts';

const now = new Date('2026-01-01T00:00:00Z');
const asked = (object: KubernetesObject, old?: KubernetesObject, more: Parameters<typeof requestFor>[2] = {}) =>
  accessQuestions(requestFor(object, old, more), { now }).map(({ subresource }) => subresource);

describe('questions of access that a review raises', () => {
  const owner = databaseUser({ privileges: [{ preset: 'owner' }] });

  it('names preset, namespace and Database', () => {
    const across = databaseUser({
      databaseRef: { name: 'orders', namespace: 'data' },
      privileges: [{ preset: 'admin' }],
    });
    assert.deepEqual(accessQuestions(requestFor(across), { now }), [
      { subresource: 'grant-admin', namespace: 'data', name: 'orders' },
    ]);
  });

  it('each once; named rights like administrators', () => {
    const privileges = [
      { preset: 'readonly', schema: 'a' },
      { preset: 'readonly' },
      { grant: ['SELECT'] },
      { preset: 'admin' },
    ];
    assert.deepEqual(asked(databaseUser({ privileges })), ['grant-readonly', 'grant-admin']);
  });

  it('none where nothing is handed out', () => {
    assert.deepEqual(asked(databaseUser({ privileges: [] })), []);
    assert.deepEqual(asked(database()), []);
    assert.deepEqual(asked(owner, undefined, { userInfo: { username: 'root', groups: ['system:masters'] } }), []);
    assert.deepEqual(asked(owner, owner), [], 'status and metadata');
    assert.deepEqual(asked(owner, undefined, { subResource: 'status' }), []);
    assert.deepEqual(accessQuestions(deletionOf(owner), { now }), []);
  });

  it('of a change, only what it adds', () => {
    const to = (spec: Parameters<typeof databaseUser>[0], from: Parameters<typeof databaseUser>[0] = {}) =>
      asked(
        databaseUser({ privileges: [{ preset: 'owner' }], ...spec }),
        databaseUser({ privileges: [{ preset: 'owner' }], ...from }),
      );
    assert.deepEqual(to({ privileges: [{ preset: 'readwrite' }] }), []);
    assert.deepEqual(to({ privileges: [{ preset: 'admin' }] }), ['grant-admin']);
    assert.deepEqual(to({ privileges: [{ preset: 'readonly', database: 'other' }] }), ['grant-readonly']);
    const named = { privileges: [{ grant: ['SELECT', 'INSERT'], table: 'a' }] };
    assert.deepEqual(to({ privileges: [{ grant: ['INSERT'], table: 'a' }] }, named), []);
    assert.deepEqual(to({ privileges: [{ grant: ['INSERT'], table: 'b' }] }, named), ['grant-admin']);
    assert.deepEqual(to({ privileges: [{ grant: ['INSERT', 'DELETE'], table: 'a' }] }, named), ['grant-admin']);
    assert.deepEqual(to({ privileges: [{ grant: ['INSERT'] }] }, named), ['grant-admin'], 'every table');
  });

  it('of a change that gives the same to others or for longer, everything', () => {
    const both = { privileges: [{ preset: 'owner' }, { grant: ['SELECT'] }] };
    const to = (spec: object, from: object = {}) =>
      asked(databaseUser({ ...both, ...spec }), databaseUser({ ...both, ...from }));
    const all = ['grant-owner', 'grant-admin'];
    assert.deepEqual(to({ passwordSecret: { name: 'mine' } }), all);
    assert.deepEqual(to({ passwordSecret: { name: 'a', key: 'x' } }, { passwordSecret: { name: 'a' } }), all);
    assert.deepEqual(to({ secretNamespaces: ['web', 'mine'] }, { secretNamespaces: ['web'] }), all);
    assert.deepEqual(to({ expiresAfter: '90d' }, { expiresAfter: '30d' }), all);
    assert.deepEqual(to({}, { expiresAfter: '30d' }), all);
    assert.deepEqual(to({ secretNamespaces: [] }, { secretNamespaces: ['web'] }), []);
    assert.deepEqual(to({ expiresAfter: '7d' }, { expiresAfter: '30d' }), []);
    assert.deepEqual(to({}, { passwordSecret: { name: 'a' } }), [], 'a password that is made');
  });

  it('never throws, whatever came', () => {
    for (const spec of [
      null,
      7,
      { privileges: 'x' },
      { privileges: [null, 7, {}] },
      { databaseRef: 3, privileges: [{ preset: 'owner' }] },
    ]) {
      const object = { ...databaseUser(), spec } as KubernetesObject;
      assert.deepEqual(asked(object), []);
      assert.doesNotThrow(() => asked(object, databaseUser()));
    }
  });

  it('every question that the rule asks has been asked before', () => {
    const object = databaseUser({ privileges: [{ preset: 'owner' }, { grant: ['SELECT'] }] });
    const known = new Set(asked(object));
    const access = ({ subresource }: { subresource: string }) => {
      assert.ok(known.has(subresource));
      return { known: true, value: 'allowed' as Access, ageSeconds: 0 } as const;
    };
    const decision = decide(requestFor(object), { now, facts: { ...noFacts, access } });
    assert.ok(decision.allowed);
  });
});

describe('the refusal', () => {
  const refuse = (username: string, ref: { name: string; namespace?: string }): string => {
    const access = () => ({ known: true, value: 'denied', ageSeconds: 0 }) as const;
    const request = requestFor(databaseUser({ databaseRef: ref }), undefined, { userInfo: { username, groups: [] } });
    return decide(request, { now, facts: { ...noFacts, access } }).refusal?.message ?? '';
  };

  it('carries commands that can be pasted', () => {
    assert.match(
      refuse('jane', { name: 'orders' }),
      /kubectl create role orders-grant-readonly -n shop --verb=create --resource=databases\.example\.com\/grant-readonly --resource-name=orders; kubectl create rolebinding orders-grant-readonly:jane -n shop --role=orders-grant-readonly --user=jane/,
    );
  });

  it('puts nothing into a shell that is more than a word', () => {
    const commands = refuse('x; rm -rf ~', { name: '$(reboot)', namespace: '`id`' }).replace(
      /^.*?: kubectl/,
      'kubectl',
    );
    const pasted = commands.slice(commands.indexOf('kubectl create role'));
    assert.doesNotMatch(pasted.split(', metadata')[0] ?? '', /rm -rf|reboot|`id`/);
    assert.match(pasted, /--user=USER/);
  });
});
