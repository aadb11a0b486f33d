import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  dns1035LabelFault,
  dns1123LabelFault,
  dns1123SubdomainFault,
  labelValueFault,
  makeSafeIdentifier,
  nameBudget,
  qualifiedNameFault,
} from './names.ts';

type Check = (text: string) => string | undefined;

const table: readonly (readonly [string, Check, readonly string[], readonly string[]])[] = [
  [
    'DNS-1123 label',
    dns1123LabelFault,
    ['a', '0', 'a-b', 'a'.repeat(63)],
    ['', '-a', 'a-', 'A', 'a.b', 'ä', 'a\n', 'a'.repeat(64)],
  ],
  [
    'DNS-1035 label',
    dns1035LabelFault,
    ['a', 'a-0', 'a'.repeat(63)],
    ['', '0a', 'a-', 'A', 'a_b', 'a\n', 'a'.repeat(64)],
  ],
  [
    'DNS-1123 subdomain',
    dns1123SubdomainFault,
    ['a', 'a.b-c.0', 'x'.repeat(253)],
    ['', '.', 'a..b', 'a.', 'A', 'x'.repeat(254)],
  ],
  [
    'label value',
    labelValueFault,
    ['', 'a', 'A_b.c-0', 'x'.repeat(63)],
    ['-a', 'a-', 'a b', 'ä', 'a\n', 'x'.repeat(64)],
  ],
  [
    'qualified name',
    qualifiedNameFault,
    ['a', 'A.b_c', 'example.com/a', 'a.b/c-d'],
    ['', '/', '/a', 'a/', 'A.com/a', 'a/b/c', '-a', 'a\n', `${'x'.repeat(254)}/a`, `a/${'x'.repeat(64)}`],
  ],
];

for (const [title, check, good, bad] of table) {
  describe(title, () => {
    for (const name of good)
      it(`takes ${JSON.stringify(name.slice(0, 30))}`, () => assert.equal(check(name), undefined));
    for (const name of bad) {
      it(`refuses ${JSON.stringify(name.slice(0, 30))}`, () => assert.match(check(name) ?? '', /must/));
    }
  });
}

describe('nameBudget', () => {
  it('leaves what the longest suffix does not take', () => {
    assert.equal(nameBudget(['-headless', '-primary']), 54);
    assert.equal(nameBudget([]), 63);
    assert.equal(nameBudget(['-backup'], 52), 45);
  });
});

describe('makeSafeIdentifier', () => {
  const rules = { maxLength: 20, reserved: ['postgres', 'user'], reservedPrefixes: ['pg_'] };
  for (const [name, safe] of [
    ['orders', 'orders'],
    ['my-app.db', 'my_app_db'],
    ['0ver', 'db_0ver'],
    ['postgres', 'db_postgres'],
    ['pg-stats', 'db_pg_stats'],
    ['a-very-long-name-cut-here', 'a_very_long_name_cut'],
    ['nineteen-characters-x', 'nineteen_characters'],
    ['---', 'db'],
  ] as const) {
    it(`${name} → ${safe}`, () => assert.equal(makeSafeIdentifier(name, rules), safe));
  }

  it('is always usable, and the same for the same name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const safe = makeSafeIdentifier(name, rules);
        assert.match(safe, /^[a-z][a-z0-9_]*$/);
        assert.ok(safe.length <= rules.maxLength);
        assert.ok(!rules.reserved.includes(safe) && !safe.startsWith('pg_'));
        assert.equal(makeSafeIdentifier(name, rules), safe);
      }),
    );
  });
});
