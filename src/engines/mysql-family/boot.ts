/**
 * The script that a pod of MySQL or MariaDB runs. Nothing is ever made in place: a new data directory (initialised or
 * cloned) is completed beside its final name and renamed, so a pod killed at any moment starts again from nothing or
 * from something complete. With peers it starts read-only; an empty volume is refused where data is known to have been.
 * What must not be changed by a configuration file is on the server's command line. What differs between the two
 * servers is a `Dialect`.
 */
import { configDirectory, credentialsDirectory, scriptsDirectory, topologyDirectory } from '../mounts.ts';
import { lastWords, type LastWordsSettings } from '../last-words.ts';
import { measureVolume } from '../volume-use.ts';
import { watchdog } from '../watchdog.ts';
import { common } from './boot-common.ts';
import { initialize } from './boot-data.ts';
import { members, watch } from './boot-members.ts';
import {
  dataDirectory,
  modeFile,
  monitorUser,
  port,
  replicationUser,
  socketFile,
  stateDirectory,
  volumeDirectory,
} from './paths.ts';

export interface Dialect {
  /** As its makers write it. */
  readonly title: string;
  /**
   * Shell functions `find_tools` (sets mysqld, client, admin, dump), `flags_of_version` (sets server_flags,
   * private_flags, peer_flags, start_replica, read_only_variable), `make_empty DIR`, `further_accounts`, `seed_from POD`, `try_config`,
   * `may_go_back`, `before_start`, `source_host`, `change_mode MODE`.
   */
  readonly shell: string;
}

export interface BootPaths {
  readonly volume: string;
  readonly data: string;
  readonly socket: string;
  readonly state: string;
  readonly scripts: string;
  readonly topology: string;
  readonly config: string;
  readonly credentials: string;
  readonly terminationLog: string;
  /** Seconds between two looks at the server. */
  readonly interval: number;
  /** Seconds between two tries of what depends on somebody else. */
  readonly patience: number;
}

export const bootPaths: BootPaths = {
  volume: volumeDirectory,
  data: dataDirectory,
  socket: socketFile,
  state: stateDirectory,
  scripts: scriptsDirectory,
  topology: topologyDirectory,
  config: configDirectory,
  credentials: credentialsDirectory,
  terminationLog: '/dev/termination-log',
  interval: 1,
  patience: 5,
};

export const words: LastWordsSettings = {
  stream: 2,
  complaint: "*'[ERROR]'*",
  noise: '*Aborting*',
  gist: String.raw`s/^.*\[ERROR\] *//`,
  file: 'my.cnf',
};

/** POSIX sh. Environment: POD_NAME, APP_DATABASE, APP_USER, HEADLESS_SERVICE. Exit code: the server's own. */
export const bootScript = (dialect: Dialect, paths: BootPaths = bootPaths): string =>
  [
    head(dialect, paths),
    common,
    initialize,
    measureVolume,
    members,
    watch,
    watchdog({ port, speaks: true }),
    lastWords(words),
    dialect.shell,
    main,
  ].join('\n');

const head = ({ title }: Dialect, paths: BootPaths): string => `#!/bin/sh
# Starts ${title}. Written by database-operator; changes made here are put back.
set -u
umask 077
title=${title}
volume=${paths.volume}
data=${paths.data}
new=${paths.data}.new
helper=${paths.data}.helper
tmp=${paths.volume}/tmp
socket=${paths.socket}
state=${paths.state}
scripts=${paths.scripts}
topology=${paths.topology}
config=${paths.config}
credentials=${paths.credentials}
termination_log=${paths.terminationLog}
interval=${paths.interval}
patience=${paths.patience}
mode_file=${modeFile}
replication_user=${replicationUser}
monitor_user=${monitorUser}
server=
child=
stopping=
`;

const main = String.raw`
trap stop TERM INT QUIT
mkdir -p "$state"
rm -f "$state/streamed" "$state/answered" "$state/writable"
phase starting
take_volume
rm -rf "$new" "$helper"
# Temporary files of queries count against the volume, not against the node. A replica's half-read files have to stay.
mkdir -p "$tmp"
for file in "$tmp"/*; do
  case $file in */SQL_LOAD*) ;; *) rm -rf "$file" ;; esac
done
find_tools
version=$("$mysqld" --version | sed 's/.*Ver \([0-9]*\.[0-9]*\.[0-9]*\).*/\1/')
primary=$(named)
[ -n "$primary" ] || fail "no primary is recorded: the ConfigMap of the topology is empty"
# Unlike everybody else's in this Database, and most likely in any other that may come to replicate with it.
server_id=$(($(printf '%s' "$HEADLESS_SERVICE" | cksum | cut -d ' ' -f 1) % 4000000 * 1000 + $(printf '%s' "$POD_NAME" | sed 's/.*-//') + 1))
write_client_files
open_files
flags_of_version
token=
is_primary || token=$(ordered)

check_version
check_config
if ! is_reseeded; then
  set_aside
  seed
elif [ ! -e "$data" ]; then
  if [ -e "$volume/.initialized" ]; then
    fail "$data is gone though this volume has held a server: restore it, or delete $volume/.initialized to start empty"
  elif ! is_primary; then
    seed
  elif [ "$(cat "$topology/initialized" 2>/dev/null)" = true ]; then
    fail "the volume is empty though this database has been initialized: its volume was lost or replaced. Bring the volume back, or delete the Database and create it anew"
  else
    initialize
  fi
fi
before_start
stay_down_while_cut_off
rm -f "$socket" "$socket.lock"
[ -z "$stopping" ] || exit 143

mode_now=$(mode)
if is_lone; then role=; else role=$peer_flags; fi
open_log
"$mysqld" --defaults-file="$config/my.cnf" --datadir="$data" --socket="$socket" --pid-file="$data/server.pid" \
  --port="$member_port" --bind-address='*' --tmpdir="$tmp" --server-id="$server_id" --report-host="$(address "$POD_NAME")" \
  --report-port="$member_port" --log-bin=binlog --relay-log=relay --relay-log-recovery=ON $server_flags $role >&6 2>&7 6>&- 7>&- &
server=$!
close_log
[ -z "$stopping" ] || stop
phase running
watch "$mode_now" &
watchdog &
code=0
wait_for "$server" || code=$?
hear_out
[ -n "$stopping" ] || [ "$code" -eq 0 ] || why_ended "$code" >"$termination_log"
exit "$code"
`;
