/** Parts of the boot script (boot.ts) that stand on their own: signals, the lock, versions, a private server. */

export const common = String.raw`
say() { printf '%s database-operator: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }

fail() {
  say "$*"
  printf '%s' "$*" 2>/dev/null >"$termination_log" || :
  exit 1
}

phase() { printf '%s' "$1" >"$state/phase"; }

# It is repeated, because a server that has only just been started does not hear the first.
stop() {
  stopping=yes
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
  [ -z "$server" ] || while kill -TERM "$server" 2>/dev/null; do sleep 1; done &
}

# A trapped signal ends "wait" early, so wait until the process is gone.
wait_for() {
  while :; do
    code=0
    wait "$1" || code=$?
    kill -0 "$1" 2>/dev/null || return "$code"
  done
}

# Runs a command that a stop may end. Standard input is passed on, though the shell gives /dev/null to what is in the background.
run() {
  [ -z "$stopping" ] || return 143
  exec 8<&0
  "$@" <&8 8<&- &
  child=$!
  exec 8<&-
  [ -z "$stopping" ] || stop
  code=0
  wait_for "$child" || code=$?
  child=
  [ -z "$stopping" ] || exit 143
  return "$code"
}

pause() { run sleep "$1" || :; }

# The descriptor is inherited by the server, so the lock outlives this script if the server does.
take_volume() {
  exec 9>"$volume/.lock" || fail "can't write to the volume at $volume: check its file system and that it isn't full"
  command -v flock >/dev/null || return 0
  tries=0
  until flock -n 9; do
    tries=$((tries + 1))
    [ "$tries" -le 12 ] || fail "another server still uses this volume: find the pod that mounts it and end it"
    pause "$patience"
  done
}

make_durable() { sync "$volume" 2>/dev/null || sync; }

# The only place where a data directory appears under its final name.
put_in_place() {
  make_durable
  mv "$new" "$data" || fail "can't rename $new to $data"
  printf '%s %s' "$title" "$version" >"$volume/.initialized"
  make_durable
}

named() { cat "$topology/primary" 2>/dev/null; }
is_primary() { [ "$(named)" = "$POD_NAME" ]; }
# A pod that was left over by a scale-down is not alone: it isn't listed.
is_lone() { [ "$(members)" = "$POD_NAME" ] && is_primary; }
mode() { cat "$scripts/$mode_file" 2>/dev/null || echo async; }

# First of its arguments that the image has: names changed over the releases.
pick() {
  for candidate; do
    if command -v "$candidate" >/dev/null; then
      echo "$candidate"
      return 0
    fi
  done
  fail "the image has none of: $*"
}

# 8.0.33 → 80033
number() {
  IFS=. read -r first second third <<N
$1
N
  echo "$((first * 10000 + second * 100 + third))"
}
at_least() { [ "$(number "$version")" -ge "$1" ]; }

# As the text of an SQL string; the sessions that read it have no NO_BACKSLASH_ESCAPES.
sql_secret() { sed "s/[\\\\']/\\\\&/g" "$credentials/$1" || fail "$credentials/$1 isn't mounted"; }

write_client_files() {
  secret=$(sed 's/[\\"]/\\&/g' "$credentials/superuser-password") || fail "the superuser's password isn't mounted"
  printf '[client]\nuser=root\npassword="%s"\nsocket=%s\n' "$secret" "$socket" >"$state/client.cnf"
  secret=$(sed 's/[\\"]/\\&/g' "$credentials/replication-password") || fail "the replication password isn't mounted"
  printf '[client]\nuser=%s\npassword="%s"\n' "$replication_user" "$secret" >"$state/peer.cnf"
}

# The only directory from which statements may read files, and in which none can be made.
open_files() {
  mkdir -p "$state/files"
  chmod 700 "$state/files"
  : >"$state/files/volume"
  chmod 644 "$state/files/volume"
  chmod 500 "$state/files"
}

# The running server, as its superuser; answers rows without a header.
ask() { "$client" --defaults-file="$state/client.cnf" --connect-timeout=5 -BNe "$1" 2>/dev/null; }
answers() { "$admin" --defaults-file="$state/client.cnf" --connect-timeout=5 ping >/dev/null 2>&1; }

# For the watchdog: any answer of the server counts, a refusal of the login, too.
ping_member() {
  answer=$("$admin" --defaults-file="$state/peer.cnf" --protocol=tcp --host="$1" --port="$member_port" \
    --connect-timeout=1 ping 2>&1) && return 0
  case $answer in *"Can't connect"* | *Unknown* | *"Lost connection"* | *"timed out"* | '') return 1 ;; esac
}

# Server on the data directory $1 that nobody but this script can reach, with further options; ends with stop_private.
start_private() {
  where=$1
  shift
  rm -f "$state/private.sock"
  "$mysqld" --defaults-file="$config/my.cnf" --datadir="$where" --socket="$state/private.sock" \
    --pid-file="$where/server.pid" --skip-networking --tmpdir="$tmp" --general-log=OFF --slow-query-log=OFF \
    --event-scheduler=OFF $private_flags "$@" &
  server=$!
  [ -z "$stopping" ] || stop
  tries=0
  until [ -S "$state/private.sock" ] && "$admin" --no-defaults -uroot --socket="$state/private.sock" ping >/dev/null 2>&1; do
    if [ "$tries" -ge 3000 ] || ! kill -0 "$server" 2>/dev/null; then
      say "the private server doesn't start; its log is above"
      stop_private
      return 1
    fi
    tries=$((tries + 1))
    pause 0.2
  done
}

# The private server once it has the accounts of this Database.
ask_as_member() { "$client" --defaults-file="$state/client.cnf" --socket="$state/private.sock" -BNe "$1"; }

# Statements come from standard input.
ask_private() { run "$client" --no-defaults -uroot --socket="$state/private.sock" --batch "$@"; }

stop_private() {
  kill -TERM "$server" 2>/dev/null
  code=0
  wait_for "$server" || code=$?
  server=
  [ -z "$stopping" ] || exit 143
  return "$code"
}
`;
