/**
 * Shell functions shared by the boot scripts of engines whose server makes its own first files (Redis, MongoDB): signals,
 * the lock on the volume, and what is done about an empty volume or an ordered reseed. The text of watchdog.ts goes with
 * it and gives `members` and `has_peers`.
 */
export interface BootPaths {
  readonly volume: string;
  /** Directory on the volume that the server gets. */
  readonly data: string;
  /** Phase, secrets made for the server and the like; gone with the pod. */
  readonly state: string;
  readonly scripts: string;
  readonly topology: string;
  readonly config: string;
  readonly credentials: string;
  readonly terminationLog: string;
  /** Seconds between two tries of whatever is tried again. */
  readonly interval: number;
  /** Port of the server. */
  readonly port: number;
}

export const bootHead = (title: string, paths: BootPaths): string => `#!/bin/sh
# Starts ${title}. Written by database-operator; changes made here are put back.
set -u
umask 077
title=${title}
volume=${paths.volume}
data=${paths.data}
state=${paths.state}
scripts=${paths.scripts}
topology=${paths.topology}
config=${paths.config}
credentials=${paths.credentials}
termination_log=${paths.terminationLog}
interval=${paths.interval}
port=${paths.port}
server=
stopping=
`;

export const bootShell = String.raw`
say() { printf '%s database-operator: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }

fail() {
  say "$*"
  printf '%s' "$*" 2>/dev/null >"$termination_log" || :
  exit 1
}

phase() { printf '%s' "$1" >"$state/phase"; }

# TERM is the clean stop of both servers: everything is written, the next start needs no recovery.
stop() {
  stopping=yes
  [ -z "$server" ] || kill -TERM "$server" 2>/dev/null
}

# A trapped signal ends "wait" early, so wait until the process is gone.
wait_for() {
  while :; do
    code=0
    wait "$1" || code=$?
    kill -0 "$1" 2>/dev/null || return "$code"
  done
}

# A sleep that a signal ends.
pause() {
  sleep "$1" &
  wait $! || :
  [ -z "$stopping" ] || exit 143
}

# The descriptor is inherited by the server, so the lock outlives this script if the server does.
take_volume() {
  exec 9>"$volume/.lock" || fail "can't write to the volume at $volume: check its file system and that it isn't full"
  command -v flock >/dev/null || return 0
  tries=0
  until flock -n 9; do
    tries=$((tries + 1))
    [ "$tries" -le 12 ] || fail "another server still uses this volume: find the pod that mounts it and end it"
    pause "$interval"
  done
}

make_durable() { sync "$volume" 2>/dev/null || sync; }

named() { cat "$topology/primary" 2>/dev/null; }
is_primary() { [ "$(named)" = "$POD_NAME" ]; }
# A pod that was left over by a scale-down is not alone: it isn't listed.
is_lone() { [ "$(members)" = "$POD_NAME" ] && is_primary; }

# The token that the operator ordered this member to be cloned anew with; empty: it did not.
reseed_token() {
  for entry in $(cat "$topology/reseed" 2>/dev/null); do
    [ "${'$'}{entry%%=*}" != "$POD_NAME" ] || printf '%s' "${'$'}{entry#*=}"
  done
}

# Killed anywhere in here, it is done again from the start: the token is written last.
reseed() {
  token=$(reseed_token)
  [ -n "$token" ] && [ "$token" != "$(cat "$volume/.reseed" 2>/dev/null)" ] || return 0
  ! is_lone || fail "a reseed is ordered for the only member, which has nobody to clone from: remove the order"
  ! is_primary || fail "a reseed is ordered for the primary: name another primary first"
  if [ -e "$data" ]; then
    used=$(du -sk "$data" | cut -f1)
    free=$(df -Pk "$volume" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)
    [ "$free" -gt "$used" ] ||
      fail "can't set the old data aside for a new copy: $used KiB are needed and $free KiB free. Grow the volume, or delete $data.diverged if there is one"
    say "the operator ordered a new copy: the data so far goes to $data.diverged"
    rm -rf "$data.diverged"
    rm -f "$volume/.initialized" "$volume"/.position.*
    mv "$data" "$data.diverged" || fail "can't rename $data"
  fi
  printf '%s' "$token" >"$volume/.reseed" || fail "can't write to the volume at $volume: check that it isn't full"
  make_durable
}

# After this there is a directory for the server, empty only where it may be.
find_data() {
  reseed
  [ ! -e "$data" ] || return 0
  if [ -e "$volume/.initialized" ]; then
    fail "$data is gone though this volume has held a server: restore it, or delete $volume/.initialized to start empty"
  elif is_primary && [ "$(cat "$topology/initialized" 2>/dev/null)" = true ]; then
    fail "the volume is empty though this database has been initialized: its volume was lost or replaced. Bring the volume back, or delete the Database and create it anew"
  fi
  mkdir "$data" || fail "can't write to the volume at $volume: check its file system and that it isn't full"
}

has_held_data() {
  [ -e "$volume/.initialized" ] || {
    : >"$volume/.initialized"
    make_durable
  }
}

# The server has ended by itself: say why where "kubectl describe" shows it.
leave() {
  [ -n "$stopping" ] || [ "$1" -eq 0 ] || why_ended "$1" >"$termination_log"
  exit "$1"
}
`;
