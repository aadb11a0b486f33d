/**
 * One backup is one compressed archive that mongorestore reads without this operator; with the oplog of the time it took,
 * so that it is of one moment. The frame around it is desired/backup-script.ts.
 */
import { credentialsDirectory } from '../mounts.ts';
import { port, superuser } from './paths.ts';

/** POSIX sh. `$1`: directory to fill. Environment: BACKUP_HOST. Fails when anything is missing. */
export const dumpScript = `#!/bin/sh
# Dumps all databases and users of a MongoDB server into the directory $1.
set -eu
umask 077
out=$1
# The password goes in a file: an argument would be seen by everybody. JSON strings are YAML strings.
printf 'password: "%s"\\n' "$(sed 's/[\\\\"]/\\\\&/g' ${credentialsDirectory}/superuser-password)" >/tmp/mongodump.yaml
mongodump --config=/tmp/mongodump.yaml --host="$BACKUP_HOST" --port=${port} --username=${superuser} \\
  --authenticationDatabase=admin --oplog --gzip --archive="$out/dump.archive.gz"
# Reads the archive to its end: one cut short doesn't pass.
gzip -t "$out/dump.archive.gz" 2>/dev/null || [ -s "$out/dump.archive.gz" ]
rm -f /tmp/mongodump.yaml
`;
