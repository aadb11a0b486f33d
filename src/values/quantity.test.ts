import assert from 'node:assert/strict';
import fc from 'fast-check';
import cases from '../../test/fixtures/conformance/quantity.json' with { type: 'json' };
import edgeCases from '../../test/fixtures/conformance/quantity-edge.json' with { type: 'json' };
import { parseQuantity, type Quantity } from './quantity.ts';
import { bytesOf, compareQuantities, formatBytes, quantityHint, signOf, toBytes } from './quantity-use.ts';

interface Line {
  readonly value: string;
  readonly ok: boolean;
  readonly canonical?: string;
  readonly bytes?: string;
  readonly sign: number;
  readonly error?: string;
}

const quantity = (text: string): Quantity => {
  const result = parseQuantity(text);
  assert.ok(result.ok, text);
  return result.quantity;
};

/** Independent of the parser under test: a decimal as numerator over a power of ten. */
function sameAmount({ unscaled, exponent }: Quantity, decimal: string): boolean {
  const [whole = '', fraction = ''] = decimal.split('.');
  const least = Math.min(exponent, -fraction.length);
  const theirs = BigInt(whole.replace('-', '') + fraction) * (decimal.startsWith('-') ? -1n : 1n);
  return unscaled * 10n ** BigInt(exponent - least) === theirs * 10n ** BigInt(-fraction.length - least);
}

/** Any UTF-16, broken pairs included. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe('parseQuantity', () => {
  it('agrees with apimachinery on every line of the conformance tables', () => {
    const lines: readonly Line[] = [...cases, ...edgeCases];
    assert.ok(lines.length > 400);
    for (const line of lines) {
      const result = parseQuantity(line.value);
      assert.equal(result.ok, line.ok, JSON.stringify(line));
      if (result.ok) {
        assert.equal(result.quantity.canonical, line.canonical, JSON.stringify(line));
        assert.equal(signOf(result.quantity), line.sign);
        if (line.bytes !== undefined) assert.ok(sameAmount(result.quantity, line.bytes), JSON.stringify(line));
      } else if (line.error !== undefined) {
        assert.equal(result.error, line.error);
      }
    }
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.stringMatching(/^[-+0-9.eEinumkKMGTP]{0,12}$/)), (text) => {
        const result = parseQuantity(text);
        return result.ok ? result.quantity.canonical !== '' : result.error !== '';
      }),
    );
  });

  it('keeps the amount and the canonical form when the canonical form is read again', () => {
    const number = fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.constantFrom('', '.5', '.125', '.000'));
    const suffix = fc.constantFrom('', 'Ki', 'Mi', 'Gi', 'Ti', 'm', 'u', 'k', 'M', 'G', 'T', 'e3', 'e-3', 'E2');
    fc.assert(
      fc.property(number, suffix, ([whole, fraction], unit) => {
        const first = quantity(`${whole}${fraction}${unit}`);
        const second = quantity(first.canonical);
        assert.equal(compareQuantities(first, second), 0);
        assert.equal(quantity(second.canonical).canonical, second.canonical);
      }),
    );
  });

  it('takes the numbers of int-or-string fields', () => {
    assert.deepEqual(parseQuantity(1024), parseQuantity('1024'));
    assert.equal(parseQuantity(1e21).ok, true);
    assert.equal(parseQuantity(Number.NaN).ok, false);
    assert.equal(parseQuantity(Infinity).ok, false);
  });

  it('costs nothing for exponents that no memory holds', () => {
    for (const text of [
      '1e2147483647',
      '1e-2147483647',
      '1e2147483648',
      '-1e1000000000',
      '12345678901234567890e999999999',
    ]) {
      const result = parseQuantity(text);
      if (result.ok) assert.ok(compareQuantities(result.quantity, quantity('1')) !== 0);
    }
  });

  it('stays quick on long nonsense', () => {
    assert.equal(parseQuantity(`${'1'.repeat(100_000)}x`).ok, false);
    assert.equal(parseQuantity(`${'1'.repeat(100_000)}e${'1'.repeat(100_000)}`).ok, false);
  });
});

describe('compareQuantities', () => {
  for (const [less, more] of [
    ['1G', '1Gi'],
    ['-1Gi', '0'],
    ['-2', '-1'],
    ['999m', '1'],
    ['1Ei', '1e100'],
    ['1e2000000000', '1e2000000001'],
  ] as const) {
    it(`${less} is less than ${more}`, () => {
      assert.ok(compareQuantities(quantity(less), quantity(more)) < 0);
      assert.ok(compareQuantities(quantity(more), quantity(less)) > 0);
    });
  }

  for (const [a, b] of [
    ['1024Mi', '1Gi'],
    ['0', '-0Gi'],
    ['1e3', '1k'],
    ['0.5', '500m'],
  ] as const) {
    it(`${a} is as much as ${b}`, () => assert.equal(compareQuantities(quantity(a), quantity(b)), 0));
  }
});

describe('bytes', () => {
  it('rounds up to whole ones, away from zero', () => {
    assert.equal(toBytes(quantity('1.5Gi')), 1_610_612_736);
    assert.equal(toBytes(quantity('1m')), 1);
    assert.equal(toBytes(quantity('-1500m')), -2);
    assert.equal(toBytes(quantity('0')), 0);
    assert.equal(toBytes(quantity('1e2000000000')), Number.MAX_SAFE_INTEGER);
    assert.equal(toBytes(quantity('-8Ei')), -Number.MAX_SAFE_INTEGER);
  });

  it('reads fields that may be absent or wrong', () => {
    assert.equal(bytesOf('1Ki'), 1024);
    assert.equal(bytesOf(5), 5);
    for (const wrong of [undefined, null, 'x', '', {}, true]) assert.equal(bytesOf(wrong), undefined);
  });

  it('prints the largest binary unit that is exact, and reads it back', () => {
    assert.equal(formatBytes(1_610_612_736), '1536Mi');
    assert.equal(formatBytes(2 ** 40), '1Ti');
    assert.equal(formatBytes(1000), '1000');
    assert.equal(formatBytes(0), '0');
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => bytesOf(formatBytes(bytes)) === bytes));
  });
});

describe('quantityHint', () => {
  for (const [text, hint] of [
    ['10K', 'did you mean 10Ki or 10k?'],
    ['10GB', 'did you mean 10Gi or 10G?'],
    ['10GiB', 'did you mean 10Gi?'],
    ['1gi', 'did you mean 1Gi?'],
    ['10 Gi', 'did you mean 10Gi?'],
    ['1,5Gi', 'did you mean 1.5Gi?'],
    ['100 ', 'did you mean 100?'],
  ] as const) {
    it(`${JSON.stringify(text)}: ${hint}`, () => assert.equal(quantityHint(text), hint));
  }

  for (const text of ['', 'Gi', 'ten', '1Zi', '--1', '10Gi10', '9'.repeat(300)]) {
    it(`has none for ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(quantityHint(text), undefined));
  }
});
