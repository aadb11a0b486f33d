/** Names of MySQL's tools and statements for probes and dumps. */
import type { DumpWords } from '../mysql-family/dump.ts';
import type { ProbeWords } from '../mysql-family/scripts.ts';

export const probeWords: ProbeWords = {
  client: 'mysql',
  admin: 'mysqladmin',
  readOnly: 'super_read_only',
  statements: ['SHOW REPLICA STATUS', 'SHOW SLAVE STATUS'],
};

/** A hash may hold any byte: the session's setting (8.0.17 and later) prints it in hexadecimal. */
const users = String.raw`ask "SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user
  WHERE $accounts AND User NOT LIKE 'mysql.%' ORDER BY User, Host" >/tmp/accounts
while IFS= read -r account; do
  ask "SET SESSION print_identified_with_as_hex = 1; SHOW CREATE USER $account" 2>/dev/null >/tmp/account ||
    ask "SHOW CREATE USER $account" >/tmp/account
  ask "SHOW GRANTS FOR $account" >>/tmp/account
  sed 's/$/;/' /tmp/account
done </tmp/accounts`;

export const dumpWords: DumpWords = {
  client: 'mysql',
  dump: 'mysqldump',
  options: '--set-gtid-purged=OFF --no-tablespaces',
  users,
};
