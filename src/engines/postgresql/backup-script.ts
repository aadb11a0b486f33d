/**
 * Verbs of PostgreSQL in a backup pod: one archive for each database (pg_restore reads it without this operator), roles as
 * statements. Roles of the operator's own stay out: every server has them with passwords of its own.
 */
import { backupShell } from '../backup-shell.ts';
import { recoveryScript } from './recovery-script.ts';
import { replicationRole, monitorRole } from './paths.ts';

/** Its comment says which restore was begun or is complete: it survives whatever happens to the databases. */
export const markRole = 'database_operator_restore';

/** Where the throw-away server listens, on 127.0.0.1 only. */
export const throwAwayPort = 54_321;

const own = `(postgres|${replicationRole}|${monitorRole}|${markRole})`;

export const backupScript = backupShell({
  title: 'PostgreSQL',
  verbs: ['roles', 'dump', 'load_roles', 'load', 'serve', 'files', 'begin', 'unpack', 'replay', 'settle'],
  functions: String.raw`
reach() {
  PGHOST=$1 PGPORT=$2 PGUSER=postgres PGCONNECT_TIMEOUT=30 PGAPPNAME=database-operator-backup
  export PGHOST PGPORT PGUSER PGCONNECT_TIMEOUT PGAPPNAME
  [ -e "$credentials/superuser-password" ] || return 0
  PGPASSFILE=$work/pgpass
  export PGPASSFILE
  printf '*:*:*:postgres:%s\n' "$(sed 's/[\\:]/\\&/g' "$credentials/superuser-password")" >"$PGPASSFILE.new" &&
    chmod 600 "$PGPASSFILE.new" && mv "$PGPASSFILE.new" "$PGPASSFILE"
}
# HOST PORT. The operator's own roles stay as they are in every server.
do_roles() {
  reach "$1" "$2"
  pg_dumpall -w --globals-only --no-tablespaces -f "$work/roles" || return
  grep -vE '^((CREATE|ALTER) ROLE|COMMENT ON ROLE) ${own}[ ;]' "$work/roles" >"$exchange/data"
}
# HOST PORT DATABASE SNAPSHOT
do_dump() {
  reach "$1" "$2"
  PGDATABASE=$3 pg_dump -w -Fc -Z0 --snapshot="$4" >"$exchange/data"
}
# HOST PORT. Roles that exist already are no failure (42710), and neither is what they are told once more.
do_load_roles() {
  reach "$1" "$2"
  psql -w -X -q -d postgres -v VERBOSITY=sqlstate -f - <"$exchange/data" >/dev/null 2>"$work/roles.log" || return
  ! grep 'ERROR:' "$work/roles.log" | grep -v '42710' >&2
}
# HOST PORT DATABASE; the database "postgres" exists always, others are made with what was set for them.
do_load() {
  reach "$1" "$2"
  if [ "$3" = postgres ]; then
    pg_restore -w --exit-on-error --no-tablespaces -d postgres <"$exchange/data"
  else
    pg_restore -w --exit-on-error --no-tablespaces --create -d postgres <"$exchange/data"
  fi
}
# A server that nobody but this pod can reach. It has the operator's own roles, as every server has that is restored into:
# what is restored may have rights for them.
do_serve() {
  data=$scratch/data
  rm -rf "$data"
  major=$(postgres --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
  set -- --locale=C.UTF-8
  [ "$major" -lt 17 ] || set -- --locale-provider=builtin --locale=C.UTF-8
  initdb -D "$data" -U postgres --encoding=UTF8 --data-checksums --auth=trust --no-sync "$@" >"$work/initdb" 2>&1 || {
    cat "$work/initdb" >&2
    return 1
  }
  postgres -D "$data" -c listen_addresses=127.0.0.1 -c port=${throwAwayPort} -c unix_socket_directories= \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0 \
    -c max_connections=20 -c shared_buffers=32MB -c maintenance_work_mem=64MB -c max_wal_size=256MB -c archive_mode=off \
    -c dynamic_shared_memory_type=mmap -c logging_collector=off -c autovacuum=off >"$scratch/log" 2>&1 </dev/null &
  server=$!
  tries=0
  until pg_isready -q -h 127.0.0.1 -p ${throwAwayPort}; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] && kill -0 "$server" 2>/dev/null || {
      tail -n 10 "$scratch/log" >&2
      return 1
    }
    sleep 0.2
  done
  psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p ${throwAwayPort} -U postgres -d postgres \
    -c 'CREATE ROLE ${replicationRole}' -c 'CREATE ROLE ${monitorRole}' >&2
}
${recoveryScript}
`,
});
