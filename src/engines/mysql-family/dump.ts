/**
 * One backup is a directory that the engine's own client reads without this operator: `databases.sql.gz` with every
 * database that is not the server's own, and `users.sql` with the accounts that are not the operator's.
 *
 * One transaction reads all databases, so that they are of one moment; nothing is locked, so tables of an engine without
 * transactions (MyISAM, Aria) are read as they are when their turn comes. No GTIDs go into the dump: it has to load into
 * a server that has a history of its own, and to reach that server's replicas through its log.
 */
import { credentialsDirectory } from '../mounts.ts';
import { monitorUser, port, replicationUser } from './paths.ts';

export interface DumpWords {
  /** Names of the tools, separated by spaces; the first that the image has is taken. */
  readonly client: string;
  readonly dump: string;
  /** Options of the dump tool. */
  readonly options: string;
  /** Shell that prints the accounts as statements; `ask STATEMENT` and `$accounts` (a condition on User) are there. */
  readonly users: string;
}

const own = `User NOT IN ('root', '${replicationUser}', '${monitorUser}')`;

/** POSIX sh. `$1`: directory to fill. Environment: BACKUP_HOST. Fails when anything is missing. */
export const dumpScript = ({ client, dump, options, users }: DumpWords): string => String.raw`#!/bin/sh
# Dumps every database of the server at BACKUP_HOST into the directory $1.
set -eu
umask 077
out=$1
first() { for name; do ! command -v "$name" || return 0; done; echo "the image has none of: $*" >&2; return 1; }
client=$(first ${client})
dump=$(first ${dump})
secret=$(sed 's/[\\"]/\\&/g' ${credentialsDirectory}/superuser-password)
printf '[client]\nuser=root\npassword="%s"\nhost=%s\nport=${port}\nprotocol=tcp\ndefault-character-set=utf8mb4\n' \
  "$secret" "$BACKUP_HOST" >/tmp/client.cnf
ask() { "$client" --defaults-file=/tmp/client.cnf --connect-timeout=30 -BN --raw -e "$1"; }

ask "SELECT schema_name FROM information_schema.schemata
  WHERE schema_name NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema') ORDER BY schema_name" >/tmp/databases
set --
while IFS= read -r database; do set -- "$@" "$database"; done </tmp/databases
if [ $# -gt 0 ]; then
  # Through a file of its own the exit code of the dump can't get lost in the pipe.
  {
    code=0
    "$dump" --defaults-file=/tmp/client.cnf --single-transaction --quick --routines --events --triggers --hex-blob \
      ${options} --databases "$@" || code=$?
    echo "$code" >/tmp/code
  } | gzip -c >"$out/databases.sql.gz"
  [ "$(cat /tmp/code)" = 0 ]
  # Reads the archive's own check sum and the dump's last line: a dump cut short doesn't pass.
  gzip -dc "$out/databases.sql.gz" | tail -n 1 | grep -q '^-- Dump completed'
fi

accounts="${own}"
{
${users}
} >"$out/users.sql"
`;
