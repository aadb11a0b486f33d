/** What `kubectl database connect` runs in a pod of MongoDB. */
import type { ClientIdentity } from '../engine.ts';
import { credentialsDirectory } from '../mounts.ts';
import { port, superuser } from './paths.ts';

const login = {
  owner: { user: '$APP_USER', database: '$APP_DATABASE', file: 'password' },
  superuser: { user: superuser, database: 'admin', file: 'superuser-password' },
};

/** Names of users and databases have no character that means something in a shell or in JavaScript. */
export const clientScript = (
  who: ClientIdentity,
): string => `shell=$(command -v mongosh || command -v mongo) || exit 127
login="var read = typeof require === 'function' ? function (path) { return require('fs').readFileSync(path, 'utf8') } : cat;
void db.getSiblingDB('${login[who].database}').auth('${login[who].user}', read('${credentialsDirectory}/${login[who].file}').replace(/\\n+$/, ''))"
export HOME=/tmp
[ $# -gt 0 ] || set -- --shell
exec "$shell" --quiet --port ${port} "$APP_DATABASE" --eval "$login" "$@"
`;
