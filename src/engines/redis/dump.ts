/**
 * One backup is an RDB file, which any Redis of the same version or a newer one starts from without this operator, and
 * the users beside it. The frame around it (naming, durability, retention) is desired/backup-script.ts.
 */
import { credentialsDirectory } from '../mounts.ts';
import { port } from './paths.ts';

/** POSIX sh. `$1`: directory to fill. Environment: BACKUP_HOST. Fails when anything is missing. */
export const dumpScript = `#!/bin/sh
# Copies the data of a Redis server, as of one moment, into the directory $1.
set -eu
umask 077
out=$1
REDISCLI_AUTH=$(cat ${credentialsDirectory}/superuser-password)
export REDISCLI_AUTH

redis-cli -h "$BACKUP_HOST" -p ${port} --rdb "$out/dump.rdb"
# Reads the file to its checksum: one cut short doesn't pass.
redis-check-rdb "$out/dump.rdb"
# With hashes of passwords; the operator's own users are made anew.
redis-cli -h "$BACKUP_HOST" -p ${port} ACL LIST >/tmp/users
grep '^user default ' /tmp/users >/dev/null
sed '/^user database_operator_/d' /tmp/users >"$out/users.acl"
`;
