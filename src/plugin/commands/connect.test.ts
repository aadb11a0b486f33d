import assert from 'node:assert/strict';
import type { Database } from '../../api/types.generated.ts';
import { engines } from '../../engines/index.ts';
import { chooseMember, execArguments } from './connect.ts';

const ready = [{ type: 'Ready', status: 'True', reason: 'PrimaryReady', message: '', lastTransitionTime: '' }];
const database = (status: object, spec: object = {}): Database =>
  ({
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: { engine: 'postgresql', version: '17', ...spec },
    status,
  }) as unknown as Database;
const members = [
  { name: 'orders-0', role: 'primary', ready: true },
  { name: 'orders-1', role: 'replica', ready: false },
  { name: 'orders-2', role: 'replica', ready: true },
];
const up = database({ currentPrimary: 'orders-0', members, conditions: ready });
const primary = { pod: undefined, replica: false };

describe('connect', () => {
  it('goes to the primary, a replica that answers, or the member that is named', () => {
    assert.equal(chooseMember(up, primary), 'orders-0');
    assert.equal(chooseMember(up, { pod: undefined, replica: true }), 'orders-2');
    assert.equal(chooseMember(up, { pod: 'orders-1', replica: false }), 'orders-1');
  });

  it('says what there is instead', () => {
    assert.throws(
      () => chooseMember(up, { pod: 'orders-3', replica: false }),
      /no member orders-3 in orders; did you mean orders-0\?/,
    );
    assert.throws(() => chooseMember(up, { pod: 'x', replica: true }), /exclude each other/);
    assert.throws(
      () => chooseMember(database({ members: [] }), { pod: undefined, replica: true }),
      /no replica that answers/,
    );
    assert.throws(
      () => chooseMember(database({ currentPrimary: 'orders-0', members }), primary),
      /no primary of orders takes writes now: kubectl database status orders says why; --pod orders-0 tries in spite of it/,
    );
    assert.throws(
      () => chooseMember(database({ members }, { hibernate: true }), primary),
      /kubectl database wake orders/,
    );
  });

  for (const { name } of engines) {
    it(`${name}: a terminal only where there is one, and arguments after the script`, () => {
      const how = { pod: 'orders-0', who: 'owner', arguments: ['-c', 'two words'] } as const;
      const args = execArguments(database({}, { engine: name }), { ...how, tty: true });
      assert.deepEqual(args.slice(0, 7), ['exec', '-it', 'orders-0', '--container', name, '--', 'sh']);
      assert.deepEqual(args.slice(-3), ['client', '-c', 'two words']);
      assert.equal(execArguments(database({}, { engine: name }), { ...how, tty: false })[1], '-i');
    });
  }
});
