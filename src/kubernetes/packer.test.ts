import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { KubernetesObject } from '../api/object.ts';
import { createPacker } from './packer.ts';

const object = (name: string, data: Record<string, unknown> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', uid: `uid-of-${name}` },
  data,
});
const lines = (count: number, name = ''): string =>
  Array.from(
    { length: count },
    (_, line) => `line ${line * line} of a script${line % 90 === 0 ? ` of ${name}` : ''}`,
  ).join('\n');

describe('packer', () => {
  it('gives back what it was given, character by character', () => {
    const packer = createPacker();
    for (const data of [
      {},
      { text: 'ä € 🙂 \u0000 "' },
      { deep: [{ a: [null, 1.5, true, ''] }] },
      { long: lines(20_000) },
    ]) {
      const given = object('orders', data);
      assert.deepEqual(packer.unpack(packer.pack(given)), given);
      assert.equal(
        JSON.stringify(packer.unpack(packer.pack(given))),
        JSON.stringify(given),
        'also the order of fields',
      );
    }
  });

  it('makes a small part of an object that looks like one before it, also of a long one', () => {
    const packer = createPacker();
    packer.pack(object('orders', { script: lines(3_000, 'orders') }));
    const given = object('invoices', { script: lines(3_000, 'invoices') });
    const packed = packer.pack(given);
    assert.ok(packed.length * 40 < JSON.stringify(given).length, `${packed.length} bytes`);
    assert.deepEqual(packer.unpack(packed), given);
  });

  it('reads what was packed before it learned another look', () => {
    const packer = createPacker({ familyOf: ({ metadata }) => metadata.name.slice(0, 1) });
    const given = Array.from({ length: 40 }, (_, index) =>
      object(`${'abcdefgh'.charAt(index % 8)}-${index}`, { [`key-${index % 5}`]: randomBytes(900).toString('hex') }),
    );
    const packed = given.map((one) => packer.pack(one));
    assert.deepEqual(
      packed.map((one) => packer.unpack(one)),
      given,
    );
  });

  it('stays readable when it may learn no more: families without end', () => {
    let count = 0;
    const packer = createPacker({ familyOf: () => String(count++) });
    const given = Array.from({ length: 300 }, (_, index) =>
      object(`o-${index}`, { text: randomBytes(600).toString('hex') }),
    );
    const packed = given.map((one) => packer.pack(one));
    assert.deepEqual(
      packed.map((one) => packer.unpack(one)),
      given,
    );
  });

  it('keeps characters of one byte only, in one string', () => {
    const packed = createPacker().pack(object('orders', { text: lines(100) }));
    assert.equal(Buffer.from(packed, 'latin1').toString('latin1'), packed);
  });
});
