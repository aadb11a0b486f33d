/** Accounts with their hashes and rights as statements that can be run again. */
import { text, type Ask } from './connection.ts';
import { monitorUser, replicationUser } from './paths.ts';

export interface AccountWords {
  /** `CREATE ROLE` has no host (MariaDB); elsewhere roles are accounts like others. */
  readonly rolesApart: boolean;
  /** Lower-case names that the server makes by itself. */
  readonly own: readonly string[];
  /** Tried before accounts are shown, e.g. so that hashes are printed in hexadecimal. */
  readonly before?: string;
}

const literal = (value: string): string => `'${value.replace(/[\\']/g, (sign) => `${sign}${sign}`)}'`;

/** In an order in which they run: everybody, then rights, then what is set at log-in. */
export async function accountsOf(ask: Ask, { rolesApart, own, before }: AccountWords): Promise<readonly string[]> {
  if (before !== undefined) await ask(before).catch(() => undefined);
  const skipped = ['root', replicationUser, monitorUser, ...own].map(literal).join(', ');
  const role = rolesApart ? "is_role = 'Y'" : 'FALSE';
  const rows = await ask(
    `SELECT User AS u, Host AS h, ${role} AS r FROM mysql.user WHERE User NOT IN (${skipped}) ORDER BY 3 DESC, 1, 2`,
  );
  const made: string[] = [];
  const granted: string[] = [];
  const late: string[] = [];
  for (const row of rows) {
    const isRole = text(row, 'r') === '1';
    const name = isRole ? literal(text(row, 'u')) : `${literal(text(row, 'u'))}@${literal(text(row, 'h'))}`;
    if (isRole) made.push(`CREATE ROLE IF NOT EXISTS ${name}`);
    else {
      const statements = recreate(firstValue(await ask(`SHOW CREATE USER ${name}`)), name);
      made.push(...statements.now);
      late.push(...statements.late);
    }
    for (const grant of await ask(`SHOW GRANTS FOR ${name}`)) {
      const statement = String(Object.values(grant)[0]);
      (statement.startsWith('SET DEFAULT ROLE') ? late : granted).push(statement);
    }
  }
  return [...made, ...granted, ...late];
}

const firstValue = (rows: readonly Readonly<Record<string, unknown>>[]): string =>
  String(Object.values(rows[0] ?? {})[0]);

/** An account that exists already gets the old hash and the old limits. Roles can be a default only once they are granted. */
export function recreate(
  statement: string,
  name: string,
): { readonly now: readonly string[]; readonly late: readonly string[] } {
  const roles = / DEFAULT ROLE (.+?)(?= REQUIRE )/.exec(statement);
  const rest = statement.replace(roles?.[0] ?? '', '');
  return {
    now: [rest.replace(/^CREATE USER /, 'CREATE USER IF NOT EXISTS '), rest.replace(/^CREATE USER /, 'ALTER USER ')],
    late: roles === null ? [] : [`ALTER USER ${name} DEFAULT ROLE ${roles[1] ?? ''}`],
  };
}
