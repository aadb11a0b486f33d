/** Parts of the boot script (boot.ts) about the other members: seeding from one, and what runs beside the server. */

export const members = String.raw`
address() { printf '%s.%s' "$1" "$HEADLESS_SERVICE"; }

# The token of an order to begin anew from the primary's data; empty: no order. A primary is never told so.
ordered() {
  for order in $(cat "$topology/reseed" 2>/dev/null); do
    case $order in "$POD_NAME="*) printf '%s' "$order" | sed 's/^[^=]*=//' ;; esac
  done
}

is_reseeded() { [ -z "$token" ] || [ "$(cat "$volume/.reseed" 2>/dev/null)" = "$token" ]; }

# What can't come back any other way is kept beside until the next time: it may hold rows that nobody else has.
set_aside() {
  [ -e "$data" ] || return 0
  say "ordered to begin anew: the data directory is kept as $data.diverged"
  rm -rf "$data.diverged"
  mv "$data" "$data.diverged" || fail "can't rename $data to $data.diverged"
  make_durable
}

seed() {
  phase cloning
  while :; do
    rm -rf "$new"
    from=$(named)
    [ "$from" != "$POD_NAME" ] || fail "became the primary with an empty volume: starting again"
    say "cloning from $from"
    ! seed_from "$from" || break
    say "can't clone from $from yet; trying again in $patience seconds"
    pause "$patience"
  done
  rm -rf "$helper"
  put_in_place
  is_reseeded || printf '%s' "$token" >"$volume/.reseed"
}

# Reads the whole of a member over the network, with the options given, into the private server.
copy_from() {
  from=$(address "$1")
  shift
  : >"$state/dump.code"
  {
    code=0
    "$dump" --defaults-file="$state/client.cnf" --protocol=tcp --host="$from" --port="$member_port" --all-databases \
      --single-transaction --quick --routines --events --triggers --hex-blob "$@" || code=$?
    echo "$code" >"$state/dump.code"
  } | sed '/^-- SET GLOBAL gtid_slave_pos/w '"$state/position.sql" | ask_private &&
    [ "$(cat "$state/dump.code")" = 0 ]
}
`;

export const watch = String.raw`
# A member that was following whom the topology names goes on; everything else is the operator's to say.
resume() {
  is_lone || is_primary || [ "$(source_host)" != "$(address "$(named)")" ] || {
    say "following $(named) as before"
    ask "$start_replica"
  }
}

# Binary logs are what other members catch up from and grow without bound: at most a fifth of the volume.
limit_logs() {
  total=$(df -Pk "$volume" | tail -n 1 | sed 's/  */ /g' | cut -d ' ' -f 2)
  limit=$((total / 5 * 1024))
  ask 'SHOW BINARY LOGS' >"$state/logs" || return 0
  size=0
  while read -r name bytes rest; do size=$((size + bytes)); done <"$state/logs"
  keep=
  while read -r name bytes rest; do
    keep=$name
    [ "$size" -gt "$limit" ] || break
    size=$((size - bytes))
  done <"$state/logs"
  [ "$keep" = "$(head -n 1 "$state/logs" | cut -f 1)" ] || {
    say "binary logs before $keep are removed: together they are larger than a fifth of the volume"
    ask "PURGE BINARY LOGS TO '$keep'"
  }
}

# For the watchdog. The recorded primary counts as writable whatever it says; the others are asked every second, because
# the topology's file may be older than a promotion.
takes_writes() {
  recorded=
  { read -r recorded <"$topology/primary"; } 2>/dev/null
  [ "$recorded" = "$POD_NAME" ] || [ -e "$state/writable" ]
}

look_whether_writable() {
  { [ "$(named)" != "$POD_NAME" ] && has_peers; } || return 0
  case $(ask "SELECT @@GLOBAL.$read_only_variable") in
    0 | OFF) : >"$state/writable" ;;
    ?*) rm -f "$state/writable" ;;
  esac
}

# Runs beside the server. It never promotes and never demotes: the operator does that.
watch() {
  until answers; do
    kill -0 "$server" 2>/dev/null || return 0
    sleep "$interval"
  done
  : >"$state/answered"
  has_answered
  printf '%s %s' "$title" "$version" >"$volume/.initialized.new"
  mv "$volume/.initialized.new" "$volume/.initialized"
  resume || say "can't go on following; the operator will say whom to follow"
  known=$1 rounds=0
  while kill -0 "$server" 2>/dev/null; do
    look_whether_writable
    wanted=$(mode)
    # Waiting for confirmations begins once somebody can give them: a database that grows from one member isn't stopped.
    [ "$wanted" = "$known" ] || ! change_mode "$wanted" || known=$wanted
    [ $((rounds % 60)) -ne 0 ] || limit_logs
    [ $((rounds % 30)) -ne 0 ] || measure_volume >"$state/files/volume"
    rounds=$((rounds + 1))
    sleep "$interval"
  done
}
`;
