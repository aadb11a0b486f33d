/** What `kubectl database connect` runs in a pod of PostgreSQL. */
import type { ClientIdentity } from '../engine.ts';
import { credentialsDirectory } from '../mounts.ts';
import { socketDirectory } from './paths.ts';

const login = {
  owner: `PGPASSWORD=$(cat ${credentialsDirectory}/password) && export PGPASSWORD && PGUSER=$APP_USER`,
  superuser: 'PGUSER=postgres',
};

export const clientScript = (who: ClientIdentity): string => `${login[who]}
export PGUSER PGHOST=${socketDirectory} PGDATABASE="$APP_DATABASE" PSQL_HISTORY=/dev/null
exec psql "$@"
`;
