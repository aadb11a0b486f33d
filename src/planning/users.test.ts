import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import { sha256 } from '../engines/hashes.ts';
import { olderClaim, planCopies, planCredential, type CredentialInput } from './users.ts';

const day = 24 * 3_600_000;
const names = { name: 'app', alternate: 'app_alt' };
const plan = (input: Partial<CredentialInput>) =>
  planCredential({
    now: 100 * day,
    names,
    kept: undefined,
    chosen: undefined,
    interval: undefined,
    rotateNow: false,
    newPassword: () => 'new',
    ...input,
  });
const kept = { login: 'app', password: 'old', changedAt: 90 * day };

describe('the credential of a user', () => {
  it('is made where there is none, or where its Secret is lost: then nothing of the old one is valid', () => {
    assert.deepEqual(plan({}), { action: 'made', login: 'app', password: 'new', changedAt: 100 * day });
  });

  it('stays as it is between rotations', () => {
    const { action, login, password, next } = plan({ kept, interval: 30 * day });
    assert.deepEqual([action, login, password, next], ['kept', 'app', 'old', 120 * day]);
  });

  it('goes to the other login when its time has come, and back the next time', () => {
    const first = plan({ kept, interval: 10 * day });
    assert.deepEqual(first, {
      action: 'rotated',
      login: 'app_alt',
      password: 'new',
      changedAt: 100 * day,
      previous: { login: 'app', sha256: sha256('old') },
      next: 110 * day,
    });
    assert.equal(plan({ kept: { ...kept, login: 'app_alt' }, rotateNow: true }).login, 'app');
  });

  it('stays with the login that can have two passwords', () => {
    const { login, previous } = plan({ kept, names: { name: 'app' }, rotateNow: true });
    assert.deepEqual([login, previous?.login], ['app', 'app']);
  });

  it('lets the one before it be valid until the next rotation, or for a day', () => {
    const previous = { login: 'app_alt', sha256: sha256('older') };
    assert.ok(plan({ kept: { ...kept, previous }, interval: 30 * day }).previous);
    assert.equal(plan({ kept: { ...kept, previous } }).previous, undefined);
    const fresh = plan({ kept: { ...kept, changedAt: 100 * day - 1, previous } });
    assert.deepEqual([fresh.previous, fresh.next], [previous, 101 * day - 1]);
  });

  it('is the person’s own where one is given', () => {
    assert.equal(plan({ chosen: 'mine' }).action, 'chosen');
    assert.equal(plan({ chosen: 'old', kept }).action, 'kept');
  });

  it('is made anew for a name that is no longer this user’s', () => {
    assert.equal(plan({ kept: { ...kept, login: 'somebody' } }).action, 'made');
  });
});

const object = (uid: string, creationTimestamp: string): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'DatabaseUser',
  metadata: { name: uid, uid, creationTimestamp },
});

describe('two objects that name one user', () => {
  const older = { object: object('b', '2026-01-01T00:00:00Z'), names: ['app', 'app_alt'] };
  const younger = { object: object('a', '2026-01-01T00:00:01Z'), names: ['app_alt'] };
  it('leave it to the older, also where only the second login is the same', () => {
    assert.equal(olderClaim(younger, [older, younger]), older.object);
    assert.equal(olderClaim(older, [older, younger]), undefined);
  });
  it('of the same second are told apart', () => {
    const twin = { ...younger, object: object('c', '2026-01-01T00:00:00Z') };
    assert.equal(olderClaim(twin, [older]), older.object);
    assert.equal(olderClaim(older, [{ ...twin, names: ['app'] }]), undefined);
  });
});

describe('copies of a Secret', () => {
  it('go where they are welcome, and not where nobody knows', () => {
    const consents = (namespace: string): boolean | undefined => ({ web: true, shut: false })[namespace];
    assert.deepEqual(planCopies(['web', 'own', 'shut', 'dark', 'web'], 'own', consents), {
      present: ['web'],
      refused: ['dark', 'shut'],
    });
  });
});
