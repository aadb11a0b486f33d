import assert from 'node:assert/strict';
import { identifier, literal } from './quote.ts';
import type { Acl, DatabaseView } from './users-observe.ts';
import { planRights } from './users-plan.ts';
import { noRights, rightsByDatabase } from './users-rights.ts';

type Privileges = Parameters<typeof rightsByDatabase>[0];

const view = (acls: readonly Partial<Acl>[] = []): DatabaseView => ({
  database: 'shop',
  owner: 'shop',
  ownerIsSuperuser: false,
  schemas: [{ name: 'public', owner: 'shop' }],
  relations: [
    { schema: 'public', name: 'orders', kind: 'table', owner: 'shop' },
    { schema: 'public', name: 'own', kind: 'table', owner: 'app' },
  ],
  functions: [],
  routine: 'ROUTINE',
  creators: ['shop'],
  acls: acls.map((acl) => ({
    grantee: 'app',
    grantable: false,
    grantor: 'shop',
    owner: 'shop',
    kind: 'table',
    right: 'SELECT',
    ...acl,
  })),
});

const plan = (privileges: Privileges, acls: readonly Partial<Acl>[] = []) =>
  planRights(['app', 'app_alt'], rightsByDatabase(privileges, 'shop', 170000).get('shop') ?? noRights, view(acls));
const sql = (privileges: Privileges, acls: readonly Partial<Acl>[] = []): readonly string[] =>
  plan(privileges, acls).statements.map((statement) => statement.sql);

const orders = { kind: 'table', schema: 'public', name: 'orders' } as const;

describe('rights in a PostgreSQL database', () => {
  it('quotes hostile names and texts', () => {
    assert.equal(identifier('a"; DROP TABLE x; --'), '"a""; DROP TABLE x; --"');
    assert.equal(literal("o'hara"), "'o''hara'");
    assert.equal(literal("a\\'b"), " E'a\\\\''b'");
    assert.throws(() => identifier(''));
    assert.throws(() => literal('a\0'));
  });

  it('gives readonly of one schema: to enter, to read, and to read what is yet to be made', () => {
    assert.deepEqual(sql([{ preset: 'readonly', schema: 'public' }]), [
      'GRANT CONNECT ON DATABASE "shop" TO "app"',
      'GRANT USAGE ON SCHEMA "public" TO "app"',
      'GRANT SELECT ON ALL TABLES IN SCHEMA "public" TO "app"',
      'ALTER DEFAULT PRIVILEGES FOR ROLE "shop" IN SCHEMA "public" GRANT SELECT ON TABLES TO "app"',
      'ALTER DEFAULT PRIVILEGES FOR ROLE "shop" IN SCHEMA "public" GRANT SELECT ON SEQUENCES TO "app"',
    ]);
  });

  it('asks for nothing where everything is there', () => {
    const acls: readonly Partial<Acl>[] = [
      { kind: 'database', name: 'shop', right: 'CONNECT' },
      { kind: 'schema', schema: 'public', right: 'USAGE' },
      orders,
      { kind: 'default', schema: 'public', name: 'TABLES' },
      { kind: 'default', schema: 'public', name: 'SEQUENCES' },
    ];
    assert.deepEqual(sql([{ preset: 'readonly', schema: 'public' }], acls), []);
    assert.deepEqual(sql([], acls), [
      'REVOKE CONNECT ON DATABASE "shop" FROM "app" CASCADE',
      'REVOKE USAGE ON SCHEMA "public" FROM "app" CASCADE',
      'REVOKE SELECT ON TABLE "public"."orders" FROM "app" CASCADE',
      'ALTER DEFAULT PRIVILEGES FOR ROLE "shop" IN SCHEMA "public" REVOKE SELECT ON TABLES FROM "app" CASCADE',
      'ALTER DEFAULT PRIVILEGES FOR ROLE "shop" IN SCHEMA "public" REVOKE SELECT ON SEQUENCES FROM "app" CASCADE',
    ]);
  });

  const extras: readonly (readonly [string, Partial<Acl>, string])[] = [
    [
      'a right on a table',
      { ...orders, right: 'INSERT' },
      'REVOKE INSERT ON TABLE "public"."orders" FROM "app" CASCADE',
    ],
    [
      'a right on a column',
      { ...orders, kind: 'column', column: 'a"b' },
      'REVOKE SELECT ("a""b") ON TABLE "public"."orders" FROM "app" CASCADE',
    ],
    [
      'a right of the other login',
      { ...orders, grantee: 'app_alt' },
      'REVOKE SELECT ON TABLE "public"."orders" FROM "app_alt" CASCADE',
    ],
    [
      'a right on a catalogue',
      { kind: 'table', schema: 'pg_catalog', name: 'pg_authid' },
      'REVOKE SELECT ON TABLE "pg_catalog"."pg_authid" FROM "app" CASCADE',
    ],
    [
      'a language',
      { kind: 'other', name: 'LANGUAGE plpgsql', right: 'USAGE' },
      'REVOKE USAGE ON LANGUAGE plpgsql FROM "app" CASCADE',
    ],
  ];
  for (const [title, acl, expected] of extras)
    it(`takes away ${title}`, () => assert.deepEqual(sql([], [acl]), [expected]));

  it('has a right taken back by who gave it, and only the right to hand it on where the right itself stays', () => {
    const [other] = plan([], [{ ...orders, grantor: 'helper' }]).statements;
    assert.equal(other?.as, 'helper');
    const statements = sql(
      [{ grant: ['SELECT'], schema: 'public', table: 'orders' }],
      [{ ...orders, grantable: true }],
    );
    assert.equal(statements[0], 'REVOKE GRANT OPTION FOR SELECT ON TABLE "public"."orders" FROM "app" CASCADE');
  });

  it('tells what is not there yet, and makes a schema that is to be owned', () => {
    assert.deepEqual(plan([{ preset: 'readonly', schema: 'absent' }]).missing, ['schema absent']);
    assert.deepEqual(plan([{ grant: ['SELECT'], table: 'absent' }]).missing, ['table public.absent']);
    assert.ok(sql([{ preset: 'owner', schema: 'made' }]).includes('CREATE SCHEMA "made" AUTHORIZATION "shop"'));
  });
});
