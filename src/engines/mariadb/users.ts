/** What MariaDB says its own way of accounts. */
import type { UserWords } from '../mysql-family/users.ts';
import { nativePassword } from '../mysql-family/sha2-password.ts';
import { literal } from '../mysql-family/users-grants.ts';

/** Hash of no password. */
const impossible = `*${'0'.repeat(40)}`;
const native = (secret: string): string => `IDENTIFIED VIA mysql_native_password USING ${literal(secret)}`;

export const userWords: UserWords = {
  identified: (password) => native(nativePassword(password)),
  isPassword: ({ plugin, secret }, password) =>
    (plugin === 'mysql_native_password' || plugin === '') && secret === nativePassword(password),
  // Accounts can be locked since 10.4.2.
  lock: (account, version) =>
    version >= 100_402 ? `ALTER USER ${account} ACCOUNT LOCK` : `ALTER USER ${account} ${native(impossible)}`,
  limits: ({ connections, statementTimeoutMs }) => ({
    words: {
      MAX_USER_CONNECTIONS: String(connections ?? 0),
      MAX_STATEMENT_TIME: String((statementTimeoutMs ?? 0) / 1000),
    },
    unsupported: [],
  }),
};
