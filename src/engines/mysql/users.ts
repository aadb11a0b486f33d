/** What MySQL says its own way of accounts. */
import type { UserWords } from '../mysql-family/users.ts';
import { isSha2PasswordOf, nativePassword, saltOf, sha2Password } from '../mysql-family/sha2-password.ts';
import { literal } from '../mysql-family/users-grants.ts';

export const userWords: UserWords = {
  identified: (password, version, random) =>
    version >= 80_000
      ? `IDENTIFIED WITH caching_sha2_password AS ${literal(sha2Password(password, saltOf(random(20))))}`
      : `IDENTIFIED WITH mysql_native_password AS ${literal(nativePassword(password))}`,
  isPassword: ({ plugin, secret }, password) =>
    plugin === 'caching_sha2_password'
      ? isSha2PasswordOf(secret, password)
      : plugin === 'mysql_native_password' && secret === nativePassword(password),
  lock: (account) => `ALTER USER ${account} ACCOUNT LOCK`,
  limits: ({ connections, statementTimeoutMs }) => ({
    words: { MAX_USER_CONNECTIONS: String(connections ?? 0) },
    unsupported:
      statementTimeoutMs === undefined || statementTimeoutMs === 0
        ? []
        : ['statementTimeout: MySQL has none for an account; set spec.config.queryTimeout of the Database'],
  }),
};
