/**
 * One backup is a directory that pg_restore and psql read without this operator: roles first (`globals.sql`), then one
 * archive per database. The frame around it (naming, durability, retention) is desired/backup-script.ts.
 */
import { credentialsDirectory } from '../mounts.ts';

/** POSIX sh. `$1`: directory to fill. Environment: BACKUP_HOST. Fails when anything is missing. */
export const dumpScript = `#!/bin/sh
# Dumps every database of a PostgreSQL server into the directory $1.
set -eu
umask 077
out=$1
PGPASSFILE=/tmp/pgpass
PGHOST=$BACKUP_HOST PGPORT=5432 PGUSER=postgres PGCONNECT_TIMEOUT=30 PGAPPNAME=database-operator-backup
export PGPASSFILE PGHOST PGPORT PGUSER PGCONNECT_TIMEOUT PGAPPNAME
printf '*:*:*:postgres:%s\\n' "$(sed 's/[\\\\:]/\\\\&/g' ${credentialsDirectory}/superuser-password)" >"$PGPASSFILE"

pg_dumpall -w --globals-only -f "$out/globals.sql"
psql -w -XAtq -d postgres -c \\
  "SELECT oid || ' ' || datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname" \\
  >/tmp/databases
while IFS=' ' read -r oid name; do
  file=$name
  case $name in
    *[!A-Za-z0-9_.-]* | .*) file=oid-$oid ;;
  esac
  PGDATABASE=$name pg_dump -w -Fc -f "$out/$file.dump"
  # Reads the archive's own list: a dump cut short doesn't pass.
  pg_restore -l "$out/$file.dump" >/dev/null
done </tmp/databases
`;
