/** Parts of the boot script (boot.ts) about the other members: cloning, following, and what is watched meanwhile. */

export const replicate = String.raw`
connection() {
  printf "host=%s.%s port=5432 user=%s dbname=%s passfile=%s application_name=%s connect_timeout=10" \
    "$1" "$HEADLESS_SERVICE" "$replication_role" "$2" "$state/pgpass" "$POD_NAME"
}

slot() { printf '%s' "$POD_NAME" | tr '-' '_'; }

# Before 13 nothing limits what a slot holds back, so there are none: wal_keep_segments bridges a gap instead.
has_slots() { [ "$major" -ge 13 ]; }

# $1: member to ask, $2: statement. Slot names have letters, digits and _ only.
ask() { run psql -X -q -At -d "$(connection "$1" postgres)" -c "$2" >/dev/null; }

ensure_slot() {
  has_slots || return 0
  ask "$1" "SELECT pg_create_physical_replication_slot('$(slot)', true) WHERE NOT EXISTS
    (SELECT FROM pg_replication_slots WHERE slot_name = '$(slot)')"
}

# A clone starts from nothing: what the slot of an earlier one held back is of no use.
fresh_slot() {
  has_slots || return 0
  ask "$1" "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
    WHERE slot_name = '$(slot)' AND NOT active" && ensure_slot "$1"
}

clone() {
  phase cloning
  while :; do
    rm -rf "$new"
    from=$(named)
    [ "$from" != "$POD_NAME" ] || fail "became the primary with an empty volume: starting again"
    say "cloning from $from"
    set --
    ! has_slots || set -- -S "$(slot)"
    if fresh_slot "$from" &&
      run pg_basebackup -d "$(connection "$from" replication)" -D "$new" -X stream -c fast -w "$@"; then
      break
    fi
    say "can't clone from $from yet; trying again in $interval seconds"
    pause "$interval"
  done
  put_in_place
}

write_follow() {
  {
    printf "primary_conninfo = '%s'\n" "$(connection "$1" replication)"
    ! has_slots || printf "primary_slot_name = '%s'\n" "$(slot)"
  } >"$sockets/follow.conf.new"
  mv "$sockets/follow.conf.new" "$sockets/follow.conf"
}

be_standby() {
  if [ "$major" -ge 12 ]; then
    write_follow "$1"
    : >"$data/standby.signal"
  else
    {
      printf "standby_mode = on\nrecovery_target_timeline = 'latest'\n"
      printf "primary_conninfo = '%s'\n" "$(connection "$1" replication)"
    } >"$data/recovery.conf"
  fi
}

in_standby() { [ -e "$data/standby.signal" ] || [ -e "$data/recovery.conf" ]; }
`;

export const watch = String.raw`
digest() { cat "$config"/*.conf "$scripts"/*.conf "$tls"/tls.* 2>/dev/null | cksum; }

# Runs beside the server: reloads what was mounted anew, and turns a standby to another primary. It never promotes and
# never demotes a running server: the operator does that.
watch() {
  seen=$1 primary=$2
  while sleep "$interval" && kill -0 "$server" 2>/dev/null; do
    now=$(digest)
    decided=$(named)
    if in_standby && [ -n "$decided" ] && [ "$decided" != "$POD_NAME" ]; then
      if [ "$decided" != "$primary" ] && [ "$major" -ge 13 ]; then
        say "following $decided, was $primary"
        rm -f "$state/streamed"
        write_follow "$decided"
        seen=
      fi
      [ -e "$state/streamed" ] || ensure_slot "$decided" 2>/dev/null || :
      primary=$decided
    fi
    [ "$now" = "$seen" ] || {
      say "configuration changed: reloading"
      kill -HUP "$server"
      seen=$now
    }
  done
}
`;
