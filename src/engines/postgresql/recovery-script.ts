/**
 * Verbs of PostgreSQL in a backup pod for recovery to a moment: a copy of the files, and their way back onto a volume that no
 * server has used. Until `settle` the data lies under a name that boot.sh throws away.
 */
import { credentialsDirectory } from '../mounts.ts';
import { dataDirectory, monitorRole, replicationRole, volumeDirectory } from './paths.ts';

export const recoveryScript = String.raw`
# HOST PORT. As the role for replication, the only one that may: its password is mounted beside the superuser's.
do_files() {
  reach "$1" "$2"
  printf '*:*:*:${replicationRole}:%s\n' "$(sed 's/[\\:]/\\&/g' "$credentials/replication-password")" >>"$PGPASSFILE"
  # The checkpoint is made at once, and the log is stored by others.
  pg_basebackup -w -U ${replicationRole} -D - -Ft -X none -c fast >"$exchange/data"
}
volume=${volumeDirectory}
data=${dataDirectory}
# MARK. Says ready, complete (this very recovery has ended well) or occupied.
do_begin() {
  if [ -e "$data" ] || [ -e "$volume/.initialized" ]; then
    if [ "$(cat "$volume/.recovered" 2>/dev/null)" = "$1" ]; then echo complete; else echo occupied; fi
    return 0
  fi
  rm -rf "$data.new" && mkdir -m 700 "$data.new" && echo ready
}
do_unpack() {
  tar -x -f - -C "$data.new" <"$exchange/data" && chmod 700 "$data.new" && rm -f "$data.new/standby.signal"
}
# The agent puts the file there, or takes the wish away when there is none.
fetch='e=$EXCHANGE/log; touch "$e/%f.wanted" && while [ -e "$e/%f.wanted" ]; do sleep 0.05; done; [ -e "$e/%f" ] && cp "$e/%f" "%p" && rm -f "$e/%f"'
# MOMENT, or '' for all there is. Says when the last change was made. Nobody can reach the server but this script.
do_replay() {
  touch "$data.new/recovery.signal" || return
  # Abbreviations of zones, Z among them, are not known yet where this setting is read.
  moment=$(printf '%s' "$1" | sed 's/[Zz]$/+00/')
  set --
  [ -z "$moment" ] || set -- -c recovery_target_time="$moment"
  EXCHANGE=$exchange postgres -D "$data.new" -c listen_addresses= -c unix_socket_directories="$work" -c unix_socket_permissions=0700 \
    -c hot_standby=off -c archive_mode=off -c restore_command="$fetch" -c recovery_target_action=promote "$@" \
    -c log_statement=none -c log_min_error_statement=panic -c logging_collector=off -c log_destination=stderr -c ssl=off \
    -c synchronous_standby_names= >"$work/log" 2>&1 </dev/null &
  server=$!
  until pg_isready -q -h "$work" -U postgres; do
    kill -0 "$server" 2>/dev/null || {
      grep -E 'FATAL|PANIC' "$work/log" | tail -n 5 >&2
      return 1
    }
    sleep 0.2
  done
  sed -n 's/.*last completed transaction was at log time \(.*\)$/\1/p' "$work/log" | tail -n 1
}
# MARK DATABASE USER. The passwords of this Database take the place of those in the data; then it becomes what boot.sh starts.
do_settle() {
  psql -X -q -v ON_ERROR_STOP=1 -h "$work" -U postgres -d postgres -v database="$2" -v owner="$3" >/dev/null <<'STATEMENTS' || return
\set owner_password ${'`'}cat ${credentialsDirectory}/password${'`'}
\set superuser_password ${'`'}cat ${credentialsDirectory}/superuser-password${'`'}
\set replication_password ${'`'}cat ${credentialsDirectory}/replication-password${'`'}
\set monitor_password ${'`'}cat ${credentialsDirectory}/monitor-password${'`'}
SET password_encryption = 'scram-sha-256';
SELECT format('CREATE ROLE %I LOGIN', :'owner') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
ALTER ROLE postgres PASSWORD :'superuser_password';
ALTER ROLE ${replicationRole} PASSWORD :'replication_password';
ALTER ROLE ${monitorRole} PASSWORD :'monitor_password';
ALTER ROLE :"owner" LOGIN PASSWORD :'owner_password';
CHECKPOINT;
STATEMENTS
  pg_ctl -D "$data.new" -m fast -w -t 600 stop >&2 || return
  printf '%s' "$1" >"$work/mark" && cp "$work/mark" "$volume/.recovered" && sync "$volume" 2>/dev/null
  mv "$data.new" "$data" && cp "$data/PG_VERSION" "$volume/.initialized" && sync "$volume" 2>/dev/null
}
`;
