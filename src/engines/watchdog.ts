/**
 * Shell functions, shared by all engines' boot scripts, that stop a server which takes writes but is cut off: one that
 * has peers and for `limit` seconds could open a TCP connection neither to the API server nor to any peer (ADR 11).
 *
 * The script that includes this text has, before `watchdog` is started beside the server (`watchdog &`):
 * - variables `topology` and `state` (directories, `state` writable), `server` (process id), POD_NAME, HEADLESS_SERVICE;
 *   KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT come from the kubelet;
 * - `say TEXT`: one line to the log;
 * - `takes_writes`: true while the server may take writes; asked every second, so it should start no process;
 * - `ping_member HOST`: the engine's own ping, at most a second long; asked when the image has neither bash nor nc.
 *
 * It gives besides: `members`, `has_peers`, and `stay_down_while_cut_off`, to be called before the server is started. The
 * file `cut-off` in `state` is for the termination message (last-words.ts). The server and all that descends from it are killed at once, so the script's own
 * `wait` ends and the container with it; the next one starts read-only, once it reaches somebody.
 */
export interface WatchdogSettings {
  /** The engine's port. */
  readonly port: number;
  /** Seconds without contact; the operator's own wait before it promotes has to be longer. */
  readonly limit?: number;
  /** Peers are asked by `ping_member` in any image: the server logs and counts connections that say nothing. */
  readonly speaks?: boolean;
  /** Hundredths of a second from one look to the next. */
  readonly round?: number;
}

/** POSIX sh and Linux' /proc. */
export const watchdog = ({ port, limit = 4, speaks = false, round = 100 }: WatchdogSettings): string => `
member_port=${port}
watchdog_limit=${limit}
watchdog_speaks=${speaks ? 'yes' : ''}
watchdog_round=${round}
${functions}`;

const functions = String.raw`
members() { cat "$topology/members" 2>/dev/null; }

has_peers() {
  for member in $(members); do
    [ "$member" = "$POD_NAME" ] || return 0
  done
  return 1
}

# Sets "now": hundredths of a second since the node started, a clock that nobody turns.
look_at_clock() {
  read -r now idle </proc/uptime
  now=${'$'}{now%.*}${'$'}{now#*.}
  now=${'$'}{now#0}
}

connect() {
  if [ -n "$watchdog_speaks" ] && [ "$2" = "$member_port" ]; then
    ping_member "$1" && printf '%s %s' "$1" "$2" >"$3"
  else
    knock "$@"
  fi
}

# $1: host, $2: port, $3: file that says who answered. bash is looked for first: Debian has no nc, Alpine no bash.
choose_connect() {
  if command -v bash >/dev/null; then
    knock() { exec bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "%s %s" "$0" "$1" >"$2"' "$1" "$2" "$3"; }
    connects_by=bash
  elif command -v nc >/dev/null; then
    knock() { nc -z -w 2 "$1" "$2" && printf '%s %s' "$1" "$2" >"$3"; }
    connects_by=nc
  else
    knock() { [ "$2" = "$member_port" ] && ping_member "$1" && printf '%s %s' "$1" "$2" >"$3"; }
    connects_by="the server's own ping, which can't ask the API server,"
  fi
}

# True when one of the places, each "HOST PORT", takes a connection within $1 hundredths of a second; all are asked at
# once. Whoever has not answered by then is killed: a late answer never counts for a later question.
reaches() {
  patience=$1
  shift
  rm -f "$state/reached"
  asked=
  for place; do
    connect "${'$'}{place% *}" "${'$'}{place#* }" "$state/reached" >/dev/null 2>&1 &
    asked="$asked $!"
  done
  until [ -s "$state/reached" ] || [ $((now - began)) -ge "$patience" ]; do
    sleep 0.1
    look_at_clock
  done
  { kill -KILL $asked; wait $asked; } 2>/dev/null
  [ -s "$state/reached" ]
}

# In quiet times the peer that answered last is asked and nobody else: thousands of databases must not knock at the API
# server every second.
reachable() {
  [ -z "$nearest" ] || ! reaches 100 "$nearest" || return 0
  nearest=
  set --
  for member in $(members); do
    [ "$member" = "$POD_NAME" ] || set -- "$@" "$member.$HEADLESS_SERVICE $member_port"
  done
  [ -z "${'$'}{KUBERNETES_SERVICE_HOST:-}" ] || set -- "$@" "$KUBERNETES_SERVICE_HOST ${'$'}{KUBERNETES_SERVICE_PORT:-443}"
  # On a starved node a process may take more than a second to begin.
  reaches 300 "$@" || return 1
  read -r place <"$state/reached" || :
  case $place in *".$HEADLESS_SERVICE $member_port") nearest=$place ;; esac
}

# Process $1 and all its descendants. It is stopped first, so that nothing is born while they are counted.
kill_tree() {
  kill -STOP "$1" 2>/dev/null
  tree=" $1 "
  grew=yes
  while [ -n "$grew" ]; do
    grew=
    for entry in /proc/[0-9]*/stat; do
      { read -r line <"$entry"; } 2>/dev/null || continue
      process=${'$'}{line%% *}
      parent=${'$'}{line##*) ? }
      parent=${'$'}{parent%% *}
      case $tree in *" $process "*) continue ;; esac
      case $tree in *" $parent "*) tree="$tree$process " grew=yes ;; esac
    done
  done
  kill -KILL $tree 2>/dev/null
}

# The time since the last contact is looked at before the next try, so a container that was frozen is stopped when it
# thaws: meanwhile another may have become the primary.
watchdog() {
  choose_connect
  nearest= told=
  look_at_clock
  heard=$now
  while kill -0 "$server" 2>/dev/null; do
    look_at_clock
    began=$now
    if ! takes_writes || ! has_peers; then
      heard=$began
    elif [ $((began - heard)) -ge $((watchdog_limit * 100)) ]; then
      reason="cut off: neither the API server nor a peer could be reached for $watchdog_limit seconds, so writes were stopped"
      say "$reason"
      printf '%s' "$reason" >"$state/cut-off"
      kill_tree "$server"
      return
    else
      [ -n "$told" ] || say "from now on $connects_by checks that the API server or a peer can be reached"
      told=yes
      ! reachable || heard=$began
    fi
    look_at_clock
    left=$((watchdog_round - 1 - now + began))
    [ "$left" -le 0 ] || sleep "$(printf '0.%02d' "$left")"
  done
}

# Called before the server is started. One that was stopped because it was cut off stays down until it reaches somebody: up
# and read-only it would look fit to take writes once more, to an operator that is the only one to reach it.
stay_down_while_cut_off() {
  [ -s "$state/cut-off" ] || return 0
  choose_connect
  nearest= told=
  while has_peers; do
    look_at_clock
    began=$now
    ! reachable || break
    [ -n "$told" ] || say "still cut off: the server is started when the API server or a peer can be reached"
    told=yes
    [ -z "${'$'}{stopping:-}" ] || exit 143
    sleep 0.5
  done
  rm -f "$state/cut-off"
}
`;
