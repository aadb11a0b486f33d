import assert from 'node:assert/strict';
import { accountOf, identifier, literal, onDatabase, parseGrants, planGrants, rightsOf } from './users-grants.ts';

const sqlOf = (privileges: Parameters<typeof rightsOf>[0], lines: readonly string[]): readonly string[] =>
  planGrants('app', rightsOf(privileges, 'shop', undefined), parseGrants(lines)).map(({ sql }) => sql);

const usage = 'GRANT USAGE ON *.* TO `app`@`%`';

describe('grants of MySQL and MariaDB', () => {
  it('quotes hostile names', () => {
    assert.equal(identifier('a`; DROP TABLE x'), '`a``; DROP TABLE x`');
    assert.equal(literal("o'\\h"), "'o\\'\\\\h'");
    assert.equal(accountOf("x'@'localhost"), "'x\\'@\\'localhost'@'%'");
    assert.equal(onDatabase('my_db%'), '`my\\_db\\%`.*');
    assert.throws(() => identifier('a\0b'));
  });

  const rows: readonly (readonly [string, Parameters<typeof rightsOf>[0], readonly string[], readonly string[]])[] = [
    ['gives what is lacking', [{ preset: 'readonly' }], [usage], ["GRANT SELECT, SHOW VIEW ON `shop`.* TO 'app'@'%'"]],
    ['leaves what is right', [{ preset: 'readonly' }], [usage, 'GRANT SELECT, SHOW VIEW ON `shop`.* TO `app`@`%`'], []],
    [
      'takes away what is too much, on columns as well',
      [{ preset: 'readonly' }],
      [
        usage,
        'GRANT SELECT, INSERT, SHOW VIEW ON `shop`.* TO `app`@`%`',
        'GRANT UPDATE (`a`, `b`) ON `shop`.`t` TO `app`@`%`',
      ],
      ["REVOKE INSERT ON `shop`.* FROM 'app'@'%'", "REVOKE UPDATE (`a`, `b`) ON `shop`.`t` FROM 'app'@'%'"],
    ],
    [
      'narrows ALL without a moment of nothing',
      [{ grant: ['SELECT'], table: 't' }],
      [usage, 'GRANT ALL PRIVILEGES ON `shop`.`t` TO `app`@`%`'],
      [
        "REVOKE INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE VIEW, SHOW VIEW, TRIGGER ON `shop`.`t` FROM 'app'@'%'",
      ],
    ],
    [
      'lets nobody hand rights on',
      [{ preset: 'owner' }],
      [usage, 'GRANT ALL PRIVILEGES ON `shop`.* TO `app`@`%` WITH GRANT OPTION'],
      ["REVOKE GRANT OPTION ON `shop`.* FROM 'app'@'%'"],
    ],
    [
      'takes roles, proxies and routines',
      [],
      [
        usage,
        'GRANT `r1`@`%` TO `app`@`%`',
        "GRANT PROXY ON ``@`` TO 'app'@'%'",
        'GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `app`@`%`',
      ],
      [
        "REVOKE `r1`@`%` FROM 'app'@'%'",
        "REVOKE PROXY ON ``@`` FROM 'app'@'%'",
        "REVOKE EXECUTE ON PROCEDURE `shop`.`p` FROM 'app'@'%'",
      ],
    ],
    [
      'understands a name that looks like syntax',
      [],
      [usage, 'GRANT SELECT ON `a`` ON ``b`.`t` TO `app`@`%`'],
      ["REVOKE SELECT ON `a`` ON ``b`.`t` FROM 'app'@'%'"],
    ],
  ];
  for (const [title, privileges, lines, expected] of rows)
    it(title, () => assert.deepEqual(sqlOf(privileges, lines), expected));

  it('judges nothing by a line that it does not understand', () => {
    assert.throws(() => parseGrants(['GRANT WHATEVER']), /not understood/);
  });
});
