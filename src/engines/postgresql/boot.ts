/**
 * The script that a PostgreSQL pod runs. Nothing is ever made in place: a new data directory (initialised or cloned) is
 * completed beside its final name and renamed, so a pod killed at any moment starts again from nothing or from
 * something complete. A server with peers always starts as a standby and is told by the operator what to be; the
 * recorded decision (`primary` in the topology) says whom to clone and whom to follow at first, and who may make a first
 * data directory. A lone one starts as it was left. An empty volume is refused where data is known to have been. What
 * must not be changed by a configuration file or by ALTER SYSTEM is on the server's command line.
 *
 * Files beside the data on the volume: `.lock`; `.initialized` (a server has been here), `.reclone` (its data was set
 * aside, so that it may be cloned), `.rewinding` (pg_rewind was not finished), `.led` (the data was a primary's, and
 * has not yet been compared with the next one's), `.reseed` (the last order to clone anew that was obeyed).
 */
import { configDirectory, credentialsDirectory, scriptsDirectory, tlsDirectory, topologyDirectory } from '../mounts.ts';
import { lastWords, refusedConfiguration, type LastWordsSettings } from '../last-words.ts';
import { common, initialize } from './boot-common.ts';
import { rejoin } from './boot-rejoin.ts';
import { replicate } from './boot-replication.ts';
import { watch } from './boot-watch.ts';
import {
  dataDirectory,
  replicationRole,
  socketDirectory,
  sourceSetting,
  stateDirectory,
  volumeDirectory,
} from './paths.ts';
import { measureVolume } from '../volume-use.ts';
import { watchdog } from '../watchdog.ts';

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
  /** Seconds between two looks at the server. */
  readonly interval: number;
  /** Seconds between two tries to clone or to take the volume. */
  readonly pause: number;
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
  interval: 1,
  pause: 3,
};

export const words: LastWordsSettings = {
  stream: 2,
  // It has no log yet when it finds no data.
  complaint: "*FATAL:* | *PANIC:* | 'postgres: '*",
  // What it answers to those who come too early, and what a standby says of a primary that is away.
  noise: "*'the database system is'* | *'could not connect to the primary'*",
  gist: String.raw`s/^.*\(FATAL\|PANIC\): *//`,
  file: 'postgresql.conf',
};

/** POSIX sh. Environment: POD_NAME, APP_DATABASE, APP_USER, HEADLESS_SERVICE. Exit code: the server's own. */
export const bootScript = (paths: BootPaths = bootPaths): string =>
  [
    head(paths),
    watchdog({ port: 5432 }),
    lastWords(words),
    measureVolume,
    common,
    initialize,
    replicate,
    rejoin,
    watch,
    main,
  ].join('\n');

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
pause=${paths.pause}
replication_role=${replicationRole}
source_setting=${sourceSetting}
server=
child=
stopping=
`;

const main = String.raw`
trap stop TERM INT QUIT
mkdir -p "$state"
rm -f "$state/again" "$state/broken"
phase starting
take_volume
rm -rf "$new"
major=$(postgres --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
[ -n "$(named)" ] || fail "no primary is recorded: the ConfigMap of the topology is empty"
escaped=$(sed 's/[\\:]/\\&/g' "$credentials/replication-password") || fail "the replication password isn't mounted"
printf '*:*:*:%s:%s\n' "$replication_role" "$escaped" >"$state/pgpass"

obey_reseed
if [ -e "$volume/.rewinding" ] && [ -e "$data" ]; then set_aside "pg_rewind was interrupted"; fi
if [ ! -e "$data" ]; then
  if [ -e "$volume/.reclone" ]; then
    clone ''
  elif [ -e "$volume/.initialized" ]; then
    fail "$data is gone though this volume has held a server: restore it, or delete $volume/.initialized to start empty"
  elif ! is_primary; then
    clone ''
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

# A list of members that is a minute old may not know of peers yet, but their slots do.
may_be_alone() { is_primary && ! has_peers && [ -z "$(ls "$data/pg_replslot" 2>/dev/null)" ]; }

source=$(named)
[ "$source" != "$POD_NAME" ] || source=
rewound=
stay_down_while_cut_off
while :; do
  rm -f "$state/streamed" "$state/promote" "$state/follow" "$state/idle-slots"
  if ! may_be_alone; then
    # A copy says so, too, but has a label.
    case $(control 'Database cluster state') in
      'in production' | 'shut down') [ -e "$data/backup_label" ] || : >"$volume/.led" ;;
    esac
    if [ -e "$volume/.led" ]; then be_standby ''; else be_standby "$source"; fi
  fi
  rm -f "$sockets"/.s.PGSQL.*
  seen=$(digest)
  [ -z "$stopping" ] || exit 143
  postgres -D "$data" -C port -c config_file="$config/postgresql.conf" >/dev/null 2>"$state/config.log" ||
    fail "${refusedConfiguration}: $(sed 's/^.* \(LOG\|FATAL\): *//' "$state/config.log" | tail -n 3)"
  set --
  ! in_standby || set -- $(least_settings)
  ! has_slots || set -- "$@" -c primary_slot_name="$(slot)"
  open_log
  postgres -D "$data" -c config_file="$config/postgresql.conf" -c hba_file="$scripts/pg_hba.conf" \
    -c ident_file="$scripts/pg_ident.conf" -c listen_addresses='*' -c port=5432 -c unix_socket_directories="$sockets" \
    -c unix_socket_permissions=0700 -c cluster_name="$POD_NAME" \
    -c "$source_setting=$(connection '{pod}' replication)" "$@" >&6 2>&7 6>&- 7>&- &
  server=$!
  close_log
  [ -z "$stopping" ] || stop
  phase running
  if in_standby && [ -e "$volume/.led" ]; then
    say "started read-only; the data was a primary's, so it is compared with the next one's before it follows"
  elif in_standby; then
    say "started read-only, following ${'$'}{source:-nobody}; the operator says what to be"
  fi
  watch "$seen" "$source" &
  watchdog &
  code=0
  wait_for "$server" || code=$?
  server=
  hear_out
  [ -e "$state/again" ] && [ -z "$stopping" ] && [ "$code" -eq 0 ] || break
  read -r what source <"$state/again" || :
  rm -f "$state/again"
  [ "$what" = follow ] || rejoin "$what" "$source"
done
[ -n "$stopping" ] || [ "$code" -eq 0 ] || why_ended "$code" >"$termination_log"
exit "$code"
`;
