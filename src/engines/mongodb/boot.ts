/**
 * The script that a MongoDB pod runs. A replica set elects its primary by itself and a primary that sees no majority
 * steps down by itself, so there is no watchdog here. A lone server is a replica set of one: it can grow without a
 * restart. Only the named primary of a database that never held data begins a set; all others wait until the operator
 * adds them (topology.ts) and then copy the data by themselves.
 */
import { bootHead, bootShell, type BootPaths } from '../boot-shell.ts';
import { lastWords, type LastWordsSettings } from '../last-words.ts';
import { configDirectory, credentialsDirectory, scriptsDirectory, topologyDirectory } from '../mounts.ts';
import { dataDirectory, port, stateDirectory, volumeDirectory } from './paths.ts';

export const bootPaths: BootPaths = {
  volume: volumeDirectory,
  data: dataDirectory,
  state: stateDirectory,
  scripts: scriptsDirectory,
  topology: topologyDirectory,
  config: configDirectory,
  credentials: credentialsDirectory,
  terminationLog: '/dev/termination-log',
  interval: 5,
  port,
};

export const words: LastWordsSettings = {
  stream: 1,
  // Its log is JSON; plain text is what it says of options before there is a log.
  complaint: `[!{]* | *'"s":"F"'* | *'"s":"E"'*`,
  noise: '*--help*',
  gist: String.raw`s/^{.*"errmsg":"\([^"]*\)".*/\1/; s/^{.*"msg":"\([^"]*\)".*/\1/`,
  file: 'mongod.conf',
  // EXIT_BADOPTIONS
  refusal: 2,
};

/** POSIX sh. Environment: POD_NAME, POD_NAMESPACE, HEADLESS_SERVICE, REPLICA_SET, APP_DATABASE, APP_USER. */
export const bootScript = (paths: BootPaths = bootPaths): string =>
  [bootHead('MongoDB', paths), bootShell, lastWords(words), main].join('\n');

const main = String.raw`
members() { cat "$topology/members" 2>/dev/null; }

# Images before 6.0 have the older shell. Either reads passwords from files; its own files go to /tmp.
shell() { HOME=/tmp "$shell" --quiet --nodb "$1"; }

# Names have letters, digits, "-", "_" and "." only.
write_begin() {
  printf "const names = { set: '%s', host: '%s', database: '%s', user: '%s' };\n" "$REPLICA_SET" \
    "$POD_NAME.$HEADLESS_SERVICE.$POD_NAMESPACE.svc:$port" "$APP_DATABASE" "$APP_USER" | cat - "$scripts/begin.js" >"$state/begin.js"
}

check_data() {
  [ ! -e "$volume/.initialized" ] || [ -e "$data/WiredTiger" ] ||
    fail "$data has no data files though this volume has held some: restore them, or delete $volume/.initialized to start empty"
}

# The set's members know each other by a key: the replication password, in the characters that a key may have.
write_key() {
  tr -d '\n' <"$credentials/replication-password" | tr -c 'A-Za-z0-9+/' '+' >"$state/key.new" &&
    [ -s "$state/key.new" ] && chmod 0400 "$state/key.new" && mv -f "$state/key.new" "$state/key" ||
    fail "the replication password isn't mounted, or $state can't be written"
}

# Beside the server. Users are made with the right that is there as long as there are none (localhost exception); each
# step is left out when it is done already, so a pod that is killed in the middle goes on from there.
attend() {
  if [ -n "$begins" ]; then
    write_begin
    until shell "$state/begin.js" >"$state/begin.log" 2>&1; do
      kill -0 "$server" 2>/dev/null || return
      said=$(tail -n 1 "$state/begin.log")
      [ "$said" = "${'$'}{told:-}" ] || say "setting up the replica set: $said"
      told=$said
      sleep 1
    done
    has_held_data
  fi
  phase running
  until shell "$scripts/live.js" >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || return
    sleep "$interval"
  done
  has_answered
  # A copy that was begun counts as data: an empty directory in its place would be a loss.
  until [ -e "$volume/.initialized" ]; do
    kill -0 "$server" 2>/dev/null || return
    if shell "$scripts/ready.js" >/dev/null 2>&1; then has_held_data; else sleep "$interval"; fi
  done
}

trap stop TERM INT QUIT
mkdir -p "$state"
phase starting
shell=$(command -v mongosh || command -v mongo) || fail "the image has neither mongosh nor mongo"
take_volume
[ -n "$(named)" ] || fail "no primary is recorded: the ConfigMap of the topology is empty"
find_data
check_data
write_key
begins=
if is_primary && [ ! -e "$volume/.initialized" ]; then begins=yes; fi
[ -z "$stopping" ] || exit 143

open_log
mongod --config "$config/mongod.conf" --dbpath "$data" --replSet "$REPLICA_SET" \
  --keyFile "$state/key" --unixSocketPrefix "$state" >&6 2>&7 6>&- 7>&- &
server=$!
close_log
[ -z "$stopping" ] || stop
attend &
code=0
wait_for "$server" || code=$?
hear_out
leave "$code"
`;
