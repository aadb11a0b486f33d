/** Names of MariaDB's tools and statements for probes and dumps. */
import type { DumpWords } from '../mysql-family/dump.ts';
import type { ProbeWords } from '../mysql-family/scripts.ts';

export const probeWords: ProbeWords = {
  client: 'mariadb mysql',
  admin: 'mariadb-admin mysqladmin',
  readOnly: 'read_only',
  statements: ['SHOW SLAVE STATUS'],
};

/** Roles have no host; accounts name them, so they come first. */
const users = String.raw`ask "SELECT IF(is_role = 'Y', CONCAT('ROLE ', QUOTE(User)), CONCAT('USER ', QUOTE(User), '@', QUOTE(Host)))
  FROM mysql.user WHERE $accounts AND User NOT IN ('mariadb.sys', 'mysql', 'PUBLIC') ORDER BY is_role DESC, User, Host" >/tmp/accounts
while read -r kind account; do
  case $kind in
    ROLE) echo "CREATE ROLE $account;" ;;
    USER) ask "SHOW CREATE USER $account" | sed 's/$/;/' ;;
  esac
  ask "SHOW GRANTS FOR $account" | sed 's/$/;/'
done </tmp/accounts`;

export const dumpWords: DumpWords = {
  client: 'mariadb mysql',
  dump: 'mariadb-dump mysqldump',
  options: '',
  users,
};
