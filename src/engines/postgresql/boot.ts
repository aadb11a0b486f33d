/**
 * The script that a PostgreSQL pod runs. Nothing is ever made in place: a new data directory (initialised or cloned) is
 * completed beside its final name and renamed, so a pod killed at any moment starts again from nothing or from
 * something complete. Whether a pod may write is read from the recorded decision (`primary` in the topology), never
 * guessed; an empty volume is refused where data is known to have been. What must not be changed by a configuration
 * file or by ALTER SYSTEM is on the server's command line.
 */
import { configDirectory, credentialsDirectory, scriptsDirectory, tlsDirectory, topologyDirectory } from '../mounts.ts';
import { common, initialize } from './boot-common.ts';
import { replicate, watch } from './boot-replication.ts';
import { dataDirectory, replicationRole, socketDirectory, stateDirectory, volumeDirectory } from './paths.ts';

export interface BootPaths {
  readonly volume: string;
  readonly data: string;
  readonly sockets: string;
  readonly state: string;
  readonly scripts: string;
  readonly topology: string;
  readonly config: string;
  readonly credentials: string;
  readonly tls: string;
  readonly terminationLog: string;
  /** Seconds between two looks at mounted files, and between two tries to clone. */
  readonly interval: number;
}

export const bootPaths: BootPaths = {
  volume: volumeDirectory,
  data: dataDirectory,
  sockets: socketDirectory,
  state: stateDirectory,
  scripts: scriptsDirectory,
  topology: topologyDirectory,
  config: configDirectory,
  credentials: credentialsDirectory,
  tls: tlsDirectory,
  terminationLog: '/dev/termination-log',
  interval: 5,
};

/** POSIX sh. Environment: POD_NAME, APP_DATABASE, APP_USER, HEADLESS_SERVICE. Exit code: the server's own. */
export const bootScript = (paths: BootPaths = bootPaths): string =>
  [head(paths), common, initialize, replicate, watch, main].join('\n');

const head = (paths: BootPaths): string => `#!/bin/sh
# Starts PostgreSQL. Written by database-operator; changes made here are put back.
set -u
umask 077
volume=${paths.volume}
data=${paths.data}
new=${paths.data}.new
sockets=${paths.sockets}
state=${paths.state}
scripts=${paths.scripts}
topology=${paths.topology}
config=${paths.config}
credentials=${paths.credentials}
tls=${paths.tls}
termination_log=${paths.terminationLog}
interval=${paths.interval}
replication_role=${replicationRole}
server=
child=
stopping=
`;

const main = String.raw`
trap stop TERM INT QUIT
mkdir -p "$state"
rm -f "$state/streamed"
phase starting
take_volume
rm -rf "$new"
major=$(postgres --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
primary=$(named)
[ -n "$primary" ] || fail "no primary is recorded: the ConfigMap of the topology is empty"
escaped=$(sed 's/[\\:]/\\&/g' "$credentials/replication-password") || fail "the replication password isn't mounted"
printf '*:*:*:%s:%s\n' "$replication_role" "$escaped" >"$state/pgpass"

if [ ! -e "$data" ]; then
  if [ -e "$volume/.initialized" ]; then
    fail "$data is gone though this volume has held a server: restore it, or delete $volume/.initialized to start empty"
  elif ! is_primary; then
    clone
  elif [ "$(cat "$topology/initialized" 2>/dev/null)" = true ]; then
    fail "the volume is empty though this database has been initialized: its volume was lost or replaced. Bring the volume back, or delete the Database and create it anew"
  else
    initialize
  fi
fi

have=$(cat "$data/PG_VERSION" 2>/dev/null) || fail "$data isn't a data directory of PostgreSQL: move it away"
[ "$have" = "$major" ] ||
  fail "the data directory was made by PostgreSQL $have, this image is PostgreSQL $major: set spec.version back to $have"
[ -e "$volume/.initialized" ] || cp "$data/PG_VERSION" "$volume/.initialized"
chmod 0700 "$data"
: >"$sockets/follow.conf"
is_primary || be_standby "$primary"
rm -f "$sockets"/.s.PGSQL.*
seen=$(digest)
[ -z "$stopping" ] || exit 143

postgres -D "$data" -C port -c config_file="$config/postgresql.conf" >/dev/null 2>"$state/config.log" ||
  fail "the server refuses its configuration, so spec.config has to change: $(sed 's/^.* \(LOG\|FATAL\): *//' "$state/config.log" | tail -n 3)"
postgres -D "$data" -c config_file="$config/postgresql.conf" -c hba_file="$scripts/pg_hba.conf" \
  -c ident_file="$scripts/pg_ident.conf" -c listen_addresses='*' -c port=5432 -c unix_socket_directories="$sockets" \
  -c unix_socket_permissions=0700 -c cluster_name="$POD_NAME" &
server=$!
[ -z "$stopping" ] || stop
phase running
if is_primary && in_standby; then say "named primary but still a standby: waiting to be promoted"; fi
watch "$seen" "$primary" &
code=0
wait_for "$server" || code=$?
[ -n "$stopping" ] || [ "$code" -eq 0 ] || printf 'PostgreSQL ended with code %s' "$code" >"$termination_log"
exit "$code"
`;
