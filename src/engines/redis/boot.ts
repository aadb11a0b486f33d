/**
 * The script that a Redis pod runs. A lone server starts as a primary; one with peers follows whom the topology names,
 * or nobody when it is named itself: it keeps its data, takes no writes, and nobody can copy from it until the operator
 * promotes it, because Redis refuses to be copied from by a replica that has no link of its own.
 *
 * The append-only file does not hold which history the data belongs to, so every start begins a history of its own.
 * boot-position.ts keeps that on the volume and tells it to the operator.
 */
import { bootHead, bootShell, type BootPaths } from '../boot-shell.ts';
import { configDirectory, credentialsDirectory, scriptsDirectory, topologyDirectory } from '../mounts.ts';
import { lastWords, refusedConfiguration, type LastWordsSettings } from '../last-words.ts';
import { measureVolume } from '../volume-use.ts';
import { watchdog } from '../watchdog.ts';
import { serverConfiguration } from './boot-config.ts';
import { position } from './boot-position.ts';
import {
  dataDirectory,
  exporterDirectory,
  nobody,
  port,
  stateDirectory,
  volumeDirectory,
  volumeUser,
} from './paths.ts';

export interface RedisBootPaths extends BootPaths {
  readonly exporter: string;
}

export const bootPaths: RedisBootPaths = {
  volume: volumeDirectory,
  data: dataDirectory,
  state: stateDirectory,
  scripts: scriptsDirectory,
  topology: topologyDirectory,
  config: configDirectory,
  credentials: credentialsDirectory,
  exporter: exporterDirectory,
  terminationLog: '/dev/termination-log',
  interval: 5,
  port,
};

export const words: LastWordsSettings = {
  stream: 1,
  complaint: "*' # '*",
  noise: '*WARNING*',
  gist: 's/^[^#]*# *//',
  file: 'redis.conf',
};

/** POSIX sh. Environment: POD_NAME, APP_USER, HEADLESS_SERVICE. Exit code: the server's own. */
export const bootScript = (paths: RedisBootPaths = bootPaths): string =>
  [
    bootHead('Redis', paths),
    `exporter=${paths.exporter}\nnobody='${nobody}'`,
    bootShell,
    watchdog({ port: paths.port }),
    lastWords(words),
    serverConfiguration,
    position,
    measureVolume,
    main,
  ].join('\n');

const main = String.raw`
# Kept by the loop of boot-position: asking here would start a process every second.
takes_writes() { [ -e "$state/writable" ]; }
ping_member() { redis-cli -h "$1" -p "$port" PING >/dev/null 2>&1; }

# REDISCLI_AUTH is seen by this user's processes only; an argument would be seen by all.
cli() { REDISCLI_AUTH=$(cat "$credentials/superuser-password") redis-cli -h 127.0.0.1 -p "$port" "$@"; }

# Without a file the server would start empty beside an append-only file that is missing, and that would be copied.
check_data() {
  [ -e "$volume/.initialized" ] || return 0
  for file in "$data"/appendonlydir/*.manifest "$data/appendonly.aof"; do
    [ ! -e "$file" ] || return 0
  done
  fail "$data has no append-only file though this volume has held one: restore it, or delete $volume/.initialized to start empty"
}

# In key patterns, where a server that can't be read from by files keeps it for the operator.
tell_volume() {
  while kill -0 "$server" 2>/dev/null; do
    set -- $(measure_volume)
    [ $# -ne 3 ] || cli ACL SETUSER ${volumeUser} reset off "~at=$1" "~used=$2" "~size=$3" >/dev/null 2>&1
    sleep 30
  done
}

# Beside the server: what has to be done once it answers, then its position every second.
attend() {
  tries=0
  until [ "$(cli PING 2>/dev/null)" = PONG ]; do
    kill -0 "$server" 2>/dev/null || return
    tries=$((tries + 1))
    if [ "$tries" -lt 100 ]; then sleep 0.1; else sleep 1; fi
  done
  has_answered
  begin_history || {
    say "can't set up replication; stopping the server"
    printf 'replication could not be set up' >"$state/cut-off"
    kill -TERM "$server"
    return
  }
  has_held_data
  phase running
  tell_volume &
  keep_position
}

trap stop TERM INT QUIT
mkdir -p "$state"
rm -f "$state/streamed" "$state/writable"
phase starting
take_volume
[ -n "$(named)" ] || fail "no primary is recorded: the ConfigMap of the topology is empty"
read_version
primary=$(named) lone=
! is_lone || lone=yes
find_data
check_data
write_configuration
stay_down_while_cut_off
[ -z "$stopping" ] || exit 143

open_log
redis-server "$state/redis.conf" >&6 2>"$state/errors" 6>&- 7>&- &
server=$!
close_log
[ -z "$stopping" ] || stop
attend &
watchdog &
code=0
wait_for "$server" || code=$?
hear_out
cat "$state/errors" >&2
if [ -z "$stopping" ] && grep -q 'CONFIG FILE ERROR' "$state/errors"; then
  fail "${refusedConfiguration}: $(grep -A 1 '^>>>' "$state/errors" | grep -v '^>>> .\(user\|masterauth\)')"
fi
leave "$code"
`;
