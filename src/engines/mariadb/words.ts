/** Names of MariaDB's tools and statements for probes and backups. */
import type { BackupWords } from '../mysql-family/backup.ts';
import type { ProbeWords } from '../mysql-family/scripts.ts';

export const probeWords: ProbeWords = {
  client: 'mariadb mysql',
  admin: 'mariadb-admin mysqladmin',
  readOnly: 'read_only',
  statements: ['SHOW SLAVE STATUS'],
};

export const backupWords: BackupWords = {
  dump: {
    title: 'MariaDB',
    client: 'mariadb mysql',
    dump: 'mariadb-dump mysqldump',
    server: 'mariadbd mysqld',
    options: '',
    makeEmpty:
      '"$(first mariadb-install-db mysql_install_db)" --no-defaults --datadir="$data" --tmpdir="$scratch/tmp" --auth-root-authentication-method=normal --skip-test-db',
    serverOptions: '',
  },
  accounts: { rolesApart: true, own: ['mariadb.sys', 'mysql', 'PUBLIC'] },
};
