import assert from 'node:assert/strict';
import { sha256 } from '../hashes.ts';
import { isAsWanted, parseUser, rulesOf, wantedAcl } from './users-rules.ts';

const user = (privileges: Parameters<typeof wantedAcl>[0]['privileges'], more: object = {}) => ({
  name: 'app',
  login: { name: 'app', password: 'one' },
  privileges,
  ...more,
});
const hash = `#${sha256('one')}`;

describe('rules of a Redis user', () => {
  it('sends hashes, and both while two passwords are valid', () => {
    const rules = rulesOf(
      wantedAcl(user([{ preset: 'readonly' }], { previous: { name: 'app', sha256: sha256('old') } }), 70_000),
    );
    assert.deepEqual(rules.slice(0, 2), ['reset', 'on']);
    assert.deepEqual(rules.slice(2, 4).sort(), [hash, `#${sha256('old')}`].sort());
    assert.ok(!rules.join(' ').includes('one '));
  });

  it('keeps a tenant to its prefix and from whatever names what is outside of it', () => {
    const [permission] = wantedAcl(user([], { home: 'acme' }), 80_000).permissions;
    assert.deepEqual([permission?.keys, permission?.channels], ['~acme:*', '&acme:*']);
    for (const rule of ['-@dangerous', '-@admin', '-scan', '-randomkey', '-pubsub', '-function'])
      assert.ok(permission?.commands.includes(rule), rule);
  });

  it('joins what 6.x can not keep apart, and says so where rights would leak', () => {
    const same = wantedAcl(user([{ grant: ['get'] }, { grant: ['set'] }]), 60_200);
    assert.deepEqual([same.permissions.length, same.unsupported], [1, []]);
    const apart = wantedAcl(
      user([
        { grant: ['get'], keyPattern: 'a:*' },
        { grant: ['set'], keyPattern: 'b:*' },
      ]),
      60_200,
    );
    assert.ok(!apart.permissions[0]?.commands.includes('+set'));
    assert.equal(apart.unsupported.length, 1);
  });

  it('knows its own user again, and sees every difference', () => {
    const wanted = wantedAcl(
      user([{ preset: 'readonly' }, { grant: ['GET', '@write', '&news:*'], keyPattern: 'orders:*' }]),
      80_000,
    );
    const [first, second] = wanted.permissions;
    const reply: readonly unknown[] = [
      ...['flags', ['on', 'sanitize-payload'], 'passwords', [sha256('one')]],
      ...['commands', first?.commands.join(' '), 'keys', '~*', 'channels', ''],
      ...['selectors', [['commands', second?.commands.join(' '), 'keys', '~orders:*', 'channels', '&news:*']]],
    ];
    assert.ok(isAsWanted(parseUser(reply) ?? {}, wanted));
    const changes: readonly (readonly [number, unknown])[] = [
      [1, ['off']],
      [1, ['on', 'nopass']],
      [3, [sha256('one'), sha256('evil')]],
      [5, '+@all'],
      [7, '~* ~x'],
      [9, '&*'],
      [11, []],
    ];
    for (const [index, value] of changes)
      assert.ok(!isAsWanted(parseUser(reply.with(index, value)) ?? {}, wanted), String(index));
  });
});
