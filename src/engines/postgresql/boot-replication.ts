/** Parts of the boot script (boot.ts) about the other members: cloning them, and following one. */

export const replicate = String.raw`
# $1: host, $2: database
connection() {
  printf "host=%s.%s port=5432 user=%s dbname=%s passfile=%s application_name=%s connect_timeout=3" \
    "$1" "$HEADLESS_SERVICE" "$replication_role" "$2" "$state/pgpass" "$POD_NAME"
  printf " keepalives_idle=2 keepalives_interval=1 keepalives_count=3"
  [ "$major" -lt 12 ] || printf " tcp_user_timeout=5000"
}

# A copy may have to wait for its own disk for longer than a standby should be waited for.
patient_connection() {
  connection "$1" "$2"
  [ "$major" -lt 12 ] || printf " options='-c wal_sender_timeout=60s'"
}

slot() { printf '%s' "$POD_NAME" | tr '-' '_'; }

# Before 13 nothing limits what a slot holds back, so there are none: wal_keep_segments bridges a gap instead.
has_slots() { [ "$major" -ge 13 ]; }

# $1: member to ask, $2: statement. Slot names have letters, digits and _ only.
ask() { run psql -X -q -At -d "$(connection "$1" postgres)" -c "$2"; }
ask_self() { psql -X -q -At -h "$sockets" -U postgres -d postgres -c "$1"; }

# What an invalidated slot stood for is gone; a new one begins with what is still there.
ensure_slot() {
  has_slots || return 0
  ask "$1" "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
    WHERE slot_name = '$(slot)' AND NOT active AND wal_status = 'lost'" >/dev/null &&
    ask "$1" "SELECT pg_create_physical_replication_slot('$(slot)', true) WHERE NOT EXISTS
      (SELECT FROM pg_replication_slots WHERE slot_name = '$(slot)')" >/dev/null
}

# A clone starts from nothing: what the slot of an earlier one held back is of no use.
fresh_slot() {
  has_slots || return 0
  ask "$1" "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
    WHERE slot_name = '$(slot)' AND NOT active" >/dev/null && ensure_slot "$1"
}

takes_clones() { [ "$(ask "$1" "SELECT pg_is_in_recovery()")" = f ]; }

# From whom the topology names; from $1 while that is this pod itself, because mounted files may be a minute old.
clone() {
  instead=$1
  phase cloning
  while :; do
    rm -rf "$new"
    from=$(named)
    [ "$from" != "$POD_NAME" ] || from=$instead
    [ -n "$from" ] || fail "named the primary without any data: the volume was lost or replaced. Bring it back, or let the operator choose another primary"
    say "cloning from $from"
    set --
    ! has_slots || set -- -S "$(slot)"
    if takes_clones "$from" && fresh_slot "$from" &&
      run pg_basebackup -d "$(patient_connection "$from" replication)" -D "$new" -X stream -c fast -w "$@"; then
      break
    fi
    say "can't clone from $from yet; trying again in $pause seconds"
    pause "$pause"
  done
  put_in_place
}

# $1: member to follow, or empty. Told in one place only, postgresql.auto.conf, because there the operator changes it
# (ALTER SYSTEM) while the server runs. A copied data directory brings the file of another member with it.
be_standby() {
  if [ "$major" -ge 12 ]; then
    grep -v -e '^ *primary_conninfo *=' -e '^ *primary_slot_name *=' "$data/postgresql.auto.conf" \
      >"$data/postgresql.auto.conf.new" 2>/dev/null
    [ -z "$1" ] ||
      printf "primary_conninfo = '%s'\n" "$(connection "$1" replication)" >>"$data/postgresql.auto.conf.new"
    mv "$data/postgresql.auto.conf.new" "$data/postgresql.auto.conf" || fail "can't write to $data"
    : >"$data/standby.signal"
  else
    {
      printf "standby_mode = on\nrecovery_target_timeline = 'latest'\ntrigger_file = '%s'\n" "$state/promote"
      [ -z "$1" ] || printf "primary_conninfo = '%s'\n" "$(connection "$1" replication)"
    } >"$data/recovery.conf"
  fi
}

in_standby() { [ -e "$data/standby.signal" ] || [ -e "$data/recovery.conf" ]; }

control() { LC_ALL=C pg_controldata -D "$data" 2>/dev/null | sed -n "s/^$1: *//p"; }

# $1: data directory, $2: setting
configured() { postgres -D "$1" -C "$2" -c config_file="$config/postgresql.conf" 2>/dev/null; }

# The log records these; a standby refuses to start with less of one than the log says. Names in the control file, and
# of the settings.
logged_settings='max_connections:max_connections max_worker_processes:max_worker_processes
  max_wal_senders:max_wal_senders max_prepared_xacts:max_prepared_transactions
  max_locks_per_xact:max_locks_per_transaction'

first_settings() {
  for pair in $logged_settings; do
    wanted=$(configured "$new" "${'$'}{pair#*:}")
    [ -z "$wanted" ] || printf ' -c %s=%s' "${'$'}{pair#*:}" "$wanted"
  done
}

least_settings() {
  for pair in $logged_settings; do
    had=$(control "${'$'}{pair%:*} setting")
    wanted=$(configured "$data" "${'$'}{pair#*:}")
    [ "${'$'}{had:-0}" -gt "${'$'}{wanted:-0}" ] || continue
    say "keeping ${'$'}{pair#*:} at $had, which the log needs, instead of $wanted"
    printf ' -c %s=%s' "${'$'}{pair#*:}" "$had"
  done
}
`;
