/** Parts of the boot script (boot.ts) that run beside the server. They never promote. */

export const watch = String.raw`
# For the watchdog. The file goes before the first write of a promoted server.
takes_writes() { ! in_standby; }
ping_member() { pg_isready -q -h "$1" -p "$member_port" -t 1 || [ $? -eq 1 ]; }

digest() { cat "$config"/*.conf "$scripts"/*.conf "$tls"/tls.* 2>/dev/null | cksum; }

# $1: word and member for the main script, which takes the server up again after it.
restart_server() {
  say "taking the server down and up again: $1"
  printf '%s' "$1" >"$state/again"
  while kill -INT "$server" 2>/dev/null; do sleep 1; done
}

attach() {
  ask_self "ALTER SYSTEM SET primary_conninfo = '$(connection "$1" replication)'" && ask_self "SELECT pg_reload_conf()" >/dev/null
}

# A look at the names of processes, which costs nothing.
seems_to_stream() {
  [ -e "$state/streamed" ] || return 1
  for entry in /proc/[0-9]*/cmdline; do
    title=
    { read -r title <"$entry"; } 2>/dev/null
    case $title in *": walreceiver streaming"*) return 0 ;; esac
  done
  return 1
}

# A standby that does not stream: finds out why, and helps itself where that loses nothing but what it alone has.
# $1: whom to follow when the server follows nobody yet.
attend_standby() {
  found=$(ask_self "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'),
  (SELECT max(substr(name, 1, 8)) FROM pg_ls_dir('pg_wal') AS name WHERE name ~ '^[0-9A-F]{24}\$'),
  greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()),
  coalesce(substring(current_setting('primary_conninfo', true) FROM 'host=([a-z0-9-]+)[.]'), '')
  WHERE pg_is_in_recovery()" 2>/dev/null)
  IFS='|' read -r streaming line at source <<STATE
$found
STATE
  case $streaming in
    t) [ -e "$state/streamed" ] || : >"$state/streamed"; rm -f "$volume/.led" "$state/broken"; return ;;
    f) ;;
    *) return ;;
  esac
  from=${'$'}{source:-$1}
  [ -n "$from" ] && [ "$from" != "$POD_NAME" ] && [ -n "$at" ] || return
  led=
  [ ! -e "$volume/.led" ] || led=yes
  verdict=$(ask "$from" "$(fit_statement "$line" "$at" "$led")" 2>/dev/null) || return
  case $verdict in
    fits)
      rm -f "$volume/.led" "$state/broken"
      ensure_slot "$from" 2>/dev/null || :
      [ -n "$source" ] || [ "$major" -lt 13 ] || { say "following $from"; attach "$from"; }
      [ -n "$source" ] || [ "$major" -ge 13 ] || restart_server "follow $from"
      ;;
    forked | twin)
      say "the data has parted from that of $from at timeline $line, $at"
      restart_server "$verdict $from"
      ;;
    removed)
      printf 'the log that it needs next (from %s) is not kept by %s any more: it has to be cloned anew' "$at" "$from" >"$state/broken"
      ;;
  esac
}

# Slots of the members' pattern. A standby needs none of them; a primary none of members that were removed. One look is
# not enough: mounted files may be a minute old.
tidy_slots() {
  has_slots || return 0
  base=$(printf '%s' "${'$'}{POD_NAME%-*}" | tr '-' '_')
  keep=$(members | tr '-' '_' | tr -s ' \n' ',,')
  ask_self "SELECT slot_name FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT active
    AND slot_name ~ '^${'$'}{base}_[0-9]+\$' AND (pg_is_in_recovery() OR slot_name <> ALL (string_to_array('$keep', ',')))" \
    2>/dev/null >"$state/idle-slots.new" || return 0
  while read -r name; do
    grep -qx "$name" "$state/idle-slots" 2>/dev/null || continue
    say "dropping the slot $name, which nobody needs"
    ask_self "SELECT pg_drop_replication_slot('$name')" >/dev/null || :
  done <"$state/idle-slots.new"
  mv "$state/idle-slots.new" "$state/idle-slots"
}

# $1: digest of the mounted files that the server has read, $2: whom to follow when it follows nobody.
watch() {
  seen=$1 follow=$2 looks=0
  while sleep "$interval" && kill -0 "$server" 2>/dev/null; do
    looks=$((looks + 1))
    [ ! -e "$state/unanswered" ] || ! pg_isready -q -h "$sockets" -U postgres || has_answered
    if [ -e "$state/follow" ]; then
      follow=$(cat "$state/follow")
      rm -f "$state/follow"
      # Before 13 the source is read at the start only.
      [ "$major" -ge 13 ] || restart_server "follow $follow"
    fi
    if in_standby; then
      [ $((looks % 2)) -ne 0 ] || seems_to_stream || attend_standby "$follow"
    else
      rm -f "$volume/.led" "$state/broken"
    fi
    [ $((looks % 30)) -ne 1 ] || measure_volume >"$state/volume"
    [ $((looks % 90)) -ne 0 ] || tidy_slots
    [ $((looks % 5)) -eq 0 ] || continue
    now_mounted=$(digest)
    [ "$now_mounted" = "$seen" ] || {
      say "configuration changed: reloading"
      kill -HUP "$server"
      seen=$now_mounted
    }
  done
}
`;
