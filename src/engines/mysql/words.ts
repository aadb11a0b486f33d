/** Names of MySQL's tools and statements for probes and backups. */
import type { BackupWords } from '../mysql-family/backup.ts';
import type { ProbeWords } from '../mysql-family/scripts.ts';

export const probeWords: ProbeWords = {
  client: 'mysql',
  admin: 'mysqladmin',
  readOnly: 'super_read_only',
  statements: ['SHOW REPLICA STATUS', 'SHOW SLAVE STATUS'],
};

export const backupWords: BackupWords = {
  dump: {
    title: 'MySQL',
    client: 'mysql',
    dump: 'mysqldump',
    server: 'mysqld',
    options: '--set-gtid-purged=OFF --no-tablespaces',
    makeEmpty:
      '"$daemon" --no-defaults --initialize-insecure --datadir="$data" --tmpdir="$scratch/tmp" --secure-file-priv=NULL',
    serverOptions: '--loose-mysqlx=OFF --secure-file-priv=NULL',
  },
  accounts: {
    rolesApart: false,
    own: ['mysql.sys', 'mysql.session', 'mysql.infoschema'],
    // A hash may hold any byte (8.0.17 and later).
    before: 'SET SESSION print_identified_with_as_hex = 1',
  },
};
