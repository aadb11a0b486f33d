/** Parts of the boot script (boot.ts) that stand on their own: signals, the lock, making a first data directory. */

export const common = String.raw`
say() { printf '%s database-operator: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }

fail() {
  say "$*"
  printf '%s' "$*" 2>/dev/null >"$termination_log" || :
  exit 1
}

phase() { printf '%s' "$1" >"$state/phase"; }

# INT is the fast shutdown: sessions are ended, everything is written, the next start needs no recovery. It is repeated,
# because a server that has only just been started does not hear the first.
stop() {
  stopping=yes
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
  [ -z "$server" ] || while kill -INT "$server" 2>/dev/null; do sleep 1; done &
}

# A trapped signal ends "wait" early, so wait until the process is gone.
wait_for() {
  while :; do
    code=0
    wait "$1" || code=$?
    kill -0 "$1" 2>/dev/null || return "$code"
  done
}

# Runs a command that a stop may end.
run() {
  [ -z "$stopping" ] || return 143
  "$@" &
  child=$!
  [ -z "$stopping" ] || stop
  code=0
  wait_for "$child" || code=$?
  child=
  [ -z "$stopping" ] || exit 143
  return "$code"
}

pause() { run sleep "$1" || :; }

# The descriptor is inherited by every server process, so the lock outlives this script if one of them does.
# With it held, a lock file of the server's own can only be a left-over.
take_volume() {
  exec 9>"$volume/.lock" || fail "can't write to the volume at $volume: check its file system and that it isn't full"
  command -v flock >/dev/null || return 0
  tries=0
  until flock -n 9; do
    tries=$((tries + 1))
    [ "$tries" -le 12 ] || fail "another server still uses this volume: find the pod that mounts it and end it"
    pause "$pause"
  done
  rm -f "$data/postmaster.pid"
}

make_durable() { sync "$volume" 2>/dev/null || sync; }

# The only place where a data directory appears under its final name.
put_in_place() {
  make_durable
  mv "$new" "$data" || fail "can't rename $new to $data"
  cp "$data/PG_VERSION" "$volume/.initialized"
  rm -f "$volume/.reclone" "$volume/.led"
  make_durable
}

named() { cat "$topology/primary" 2>/dev/null; }
is_primary() { [ "$(named)" = "$POD_NAME" ]; }
`;

export const initialize = String.raw`
initialize() {
  phase initializing
  say "initializing a new data directory of PostgreSQL $major"
  # C.UTF-8 sorts by code point: an image with another C library can't corrupt indexes.
  set -- --locale=C.UTF-8
  [ "$major" -lt 17 ] || set -- --locale-provider=builtin --locale=C.UTF-8
  run initdb -D "$new" -U postgres --pwfile="$credentials/superuser-password" --encoding=UTF8 --data-checksums \
    --auth-local=trust --auth-host=scram-sha-256 "$@" >"$state/initdb.log" 2>&1 ||
    fail "initdb failed: $(tail -n 5 "$state/initdb.log")"
  say "creating roles and the database $APP_DATABASE"
  # Reached through a directory of this script's own: nobody else can connect to a half-made server.
  postgres -D "$new" -c listen_addresses= -c unix_socket_directories="$state" -c unix_socket_permissions=0700 \
    -c shared_buffers=16MB -c log_min_messages=fatal $(first_settings) &
  server=$!
  [ -z "$stopping" ] || stop
  tries=0
  until pg_isready -q -h "$state" -U postgres; do
    if [ "$tries" -ge 600 ] || ! kill -0 "$server" 2>/dev/null; then
      fail "the new server doesn't start; its log is above"
    fi
    tries=$((tries + 1))
    pause 0.2
  done
  run psql -X -q -v ON_ERROR_STOP=1 -h "$state" -U postgres -d postgres -v owner="$APP_USER" \
    -v database="$APP_DATABASE" -f "$scripts/roles.sql" ||
    fail "can't create roles and the database $APP_DATABASE; the reason is above"
  kill -INT "$server"
  wait_for "$server" || fail "the new server didn't stop cleanly; its log is above"
  server=
  [ -z "$stopping" ] || exit 143
  put_in_place
}
`;
