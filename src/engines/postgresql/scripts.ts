/** The files beside the boot script in `<name>-scripts`: who may connect, first roles, probes, dump. */
import { credentialsDirectory } from '../mounts.ts';
import { bootScript } from './boot.ts';
import { monitorRole, replicationRole, socketDirectory, stateDirectory } from './paths.ts';

/**
 * The socket is trusted for the operator's own two roles: its mode lets in nobody but the server's own user.
 * Everybody else, and everything from the network, gives a password.
 */
const hostBasedAuthentication = `# Written by database-operator; changes made here are put back.
# type  database     user                           address      method
local   all          postgres                                    trust
local   all          all                                         scram-sha-256
host    replication  ${replicationRole}  all          scram-sha-256
host    postgres     ${replicationRole}  all          scram-sha-256
host    all          ${replicationRole}  all          reject
host    postgres     ${monitorRole}      all          scram-sha-256
host    all          ${monitorRole}      all          reject
host    all          all                            all          scram-sha-256
`;

/**
 * Run once, in a server that nobody else can reach and that logs no statements. Passwords come from files: neither
 * an argument list nor the environment holds them.
 */
const roles = `\\set owner_password \`cat ${credentialsDirectory}/password\`
\\set replication_password \`cat ${credentialsDirectory}/replication-password\`
\\set monitor_password \`cat ${credentialsDirectory}/monitor-password\`
SET password_encryption = 'scram-sha-256';
CREATE ROLE ${replicationRole} LOGIN REPLICATION PASSWORD :'replication_password';
-- What pg_rewind reads, and with it a member that looks whether its history fits; of this database only.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean) TO ${replicationRole};
GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_file(text, boolean) TO ${replicationRole};
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text) TO ${replicationRole};
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO ${replicationRole};
CREATE ROLE ${monitorRole} LOGIN PASSWORD :'monitor_password' IN ROLE pg_monitor;
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE DATABASE :"database" OWNER :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO ${monitorRole};
\\connect :"database"
-- As every server from 15 on: the schema public is its owner's, not everybody's.
ALTER SCHEMA public OWNER TO :"owner";
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
`;

const ready = `#!/bin/sh
# Ready: accepts connections; a standby only once it has streamed since it started. The topology is not asked: its file
# may be a minute old.
pg_isready -q -h ${socketDirectory} -U postgres -t 3 || exit 1
[ ! -e ${stateDirectory}/streamed ] || exit 0
case $(psql -XAtq -h ${socketDirectory} -U postgres -d postgres -c "SELECT CASE WHEN NOT pg_is_in_recovery() THEN 'primary'
  ELSE (SELECT status FROM pg_stat_wal_receiver) END") in
  primary) ;;
  streaming) : >${stateDirectory}/streamed ;;
  *) exit 1 ;;
esac
`;

const live = `#!/bin/sh
# Dead: no answer at all (2). Rejecting connections (1) is a server that recovers, which may take long.
[ "$(cat ${stateDirectory}/phase 2>/dev/null)" = running ] || exit 0
pg_isready -q -h ${socketDirectory} -U postgres -t 5
[ $? -ne 2 ]
`;

const files: Readonly<Record<string, string>> = {
  'boot.sh': bootScript(),
  'live.sh': live,
  'ready.sh': ready,
  'roles.sql': roles,
  'pg_hba.conf': hostBasedAuthentication,
  'pg_ident.conf': '# No maps.\n',
};

/**
 * File name → content; `.conf` files are watched by the boot script and reloaded. The same for every Database, so one
 * copy serves all of them.
 */
export const scripts = (): Readonly<Record<string, string>> => files;
