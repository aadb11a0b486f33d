/** What `kubectl database connect` runs in a pod of MySQL or MariaDB. */
import type { ClientIdentity } from '../engine.ts';
import { credentialsDirectory } from '../mounts.ts';
import { socketFile } from './paths.ts';

const login = {
  owner: { user: '$APP_USER', file: 'password' },
  superuser: { user: 'root', file: 'superuser-password' },
};

/** `names` of the client, separated by spaces; the first that the image has is taken. Its options come through a pipe. */
export const clientScript = (names: string, who: ClientIdentity): string =>
  String.raw`for name in ${names}; do
  client=$(command -v "$name") && break
done
[ -n "$client" ] || { echo "the image has none of: ${names}" >&2; exit 127; }
secret=$(sed 's/[\\"]/\\&/g' ${credentialsDirectory}/${login[who].file}) || exit 1
export MYSQL_HISTFILE=/dev/null MARIADB_HISTFILE=/dev/null
exec "$client" --defaults-file=/dev/fd/3 --database="$APP_DATABASE" "$@" 3<<OPTIONS
[client]
user=${login[who].user}
password="$secret"
socket=${socketFile}
default-character-set=utf8mb4
OPTIONS
`;
