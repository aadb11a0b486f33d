/** What `kubectl database connect` runs in a pod of Redis. */
import type { ClientIdentity } from '../engine.ts';
import { credentialsDirectory } from '../mounts.ts';
import { port } from './paths.ts';

const login = {
  owner: { user: '"$APP_USER"', file: 'password' },
  superuser: { user: 'default', file: 'superuser-password' },
};

export const clientScript = (
  who: ClientIdentity,
): string => `REDISCLI_AUTH=$(cat ${credentialsDirectory}/${login[who].file}) || exit 1
export REDISCLI_AUTH REDISCLI_HISTFILE=/dev/null
exec redis-cli -h 127.0.0.1 -p ${port} --user ${login[who].user} "$@"
`;
