/**
 * Shell functions, shared by all engines' boot scripts, that stop a server which takes writes but is cut off: one that
 * has peers and for `limit` seconds could open a TCP connection neither to the API server nor to any peer (ADR 11).
 *
 * Being starved is not being cut off. Each try reads the clock itself, right before it connects, and an answer counts for
 * that moment however late it is heard of; what stops the server is tries that were really made and led nowhere. Where
 * there was no time even for those, there is a quarter of the limit more and not a moment longer: promotion waits for
 * 6 s after the last contact at least (planning/topology-evidence.ts).
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
/** How the termination message of a server begins that the watchdog has stopped. */
export const CUT_OFF = 'cut off: ';

export interface WatchdogSettings {
  /** The engine's port. */
  readonly port: number;
  /** Seconds without contact, and a quarter of that more when starved; the operator's own wait has to be longer. */
  readonly limit?: number;
  /** Peers are asked by `ping_member` in any image: the server logs and counts connections that say nothing. That is a
   * program to start, so in quiet times it is done every second round. */
  readonly speaks?: boolean;
  /** Hundredths of a second from one look to the next, at most 100. */
  readonly round?: number;
}

/** POSIX sh and Linux' /proc. */
export const watchdog = ({ port, limit = 4, speaks = false, round = 100 }: WatchdogSettings): string => `
member_port=${port}
watchdog_limit=${limit}
watchdog_speaks=${speaks ? 'yes' : ''}
watchdog_round=${round}
watchdog_nap=${round / 100}
watchdog_short_nap=${round / 400}
${functions}`;

const functions = String.raw`
members() { cat "$topology/members" 2>/dev/null; }

has_peers() {
  listed=
  { read -r listed <"$topology/members"; } 2>/dev/null
  for member in $listed; do
    [ "$member" = "$POD_NAME" ] || return 0
  done
  return 1
}

# $1: seconds as /proc/uptime writes them. Sets "hundredths".
to_hundredths() {
  hundredths=${'$'}{1%.*}${'$'}{1#*.}
  hundredths=${'$'}{hundredths#0}
}

# Sets "now": hundredths of a second since the node started, a clock that nobody turns.
look_at_clock() {
  read -r uptime idle </proc/uptime
  to_hundredths "$uptime"
  now=$hundredths
}

# One try, in a process of its own: "? TIME" goes to the file $3 once it is under way, "+ TIME HOST PORT" when $1 took the
# connection. A ping is known to have been made only when it has failed: until then it may be waiting for its turn to run.
connect() {
  if [ -n "$watchdog_speaks" ] && [ "$2" = "$member_port" ]; then
    ping_and_tell "$@"
  else
    knock "$@"
  fi
}

ping_and_tell() {
  read -r uptime idle </proc/uptime
  if ping_member "$1"; then echo "+ $uptime $1 $2" >>"$3"; else echo "? $uptime" >>"$3"; fi
}

# bash is looked for first: Debian has no nc, Alpine no bash.
choose_connect() {
  if command -v bash >/dev/null; then
    knock() {
      exec bash -c 'read -r t idle </proc/uptime; echo "? $t" >>"$2"
        exec 3<>"/dev/tcp/$0/$1" && echo "+ $t $0 $1" >>"$2"' "$1" "$2" "$3"
    }
    connects_by=bash
  elif command -v nc >/dev/null; then
    knock() {
      read -r uptime idle </proc/uptime
      echo "? $uptime" >>"$3"
      nc -z -w 2 "$1" "$2" && echo "+ $uptime $1 $2" >>"$3"
    }
    connects_by=nc
  else
    knock() { [ "$2" != "$member_port" ] || ping_and_tell "$@"; }
    connects_by="the server's own ping, which can't ask the API server,"
  fi
  : >"$state/contacts"
  nearest= told= oldest= older= newer=
  look_at_clock
  asked=$((now - 1000)) patience=0
}

# Asks the places, each "HOST PORT", all at once and without waiting. Who was asked the two times before may still answer.
ask_places() {
  [ -z "$oldest" ] || kill -KILL $oldest 2>/dev/null
  oldest=$older older=$newer newer= asked=$now
  for place; do
    connect "${'$'}{place% *}" "${'$'}{place#* }" "$state/contacts" >/dev/null 2>&1 &
    newer="$newer $!"
  done
}

ask_everybody() {
  nearest= patience=$((watchdog_round * 3 / 2))
  has_peers
  set --
  for member in $listed; do
    [ "$member" = "$POD_NAME" ] || set -- "$@" "$member.$HEADLESS_SERVICE $member_port"
  done
  [ -z "${'$'}{KUBERNETES_SERVICE_HOST:-}" ] || set -- "$@" "$KUBERNETES_SERVICE_HOST ${'$'}{KUBERNETES_SERVICE_PORT:-443}"
  ask_places "$@"
}

# In quiet times the peer that answered last is asked and nobody else: thousands of databases must not knock at the API
# server every second. The file is begun anew when nobody writes to it any more.
ask_nearest() {
  [ -n "$nearest" ] || { ask_everybody; return; }
  [ -n "$oldest$older$newer" ] || : >"$state/contacts"
  patience=$((watchdog_round * 3 / 4))
  ask_places "$nearest"
}

# Sets "heard", when the last try began that reached somebody, and "tried", when the last one did that had a round's time.
hear() {
  while read -r kind at host place; do
    case $at in *.*) to_hundredths "$at" ;; *) continue ;; esac
    if [ "$kind" = '?' ]; then
      [ $((now - hundredths)) -lt "$watchdog_round" ] || tried=$hundredths
    else
      [ "$hundredths" -le "$heard" ] || heard=$hundredths
      case "$host $place" in *".$HEADLESS_SERVICE $member_port") [ "$hundredths" -lt "$asked" ] || nearest="$host $place" ;; esac
    fi
  done <"$state/contacts"
}

# A look that comes late is not the last: the answers of meanwhile may be under way. The last limit is for everybody,
# so a container that was frozen is stopped as soon as it thaws: meanwhile another may have become the primary.
is_cut_off() {
  silence=$((now - heard))
  [ "$silence" -lt $((watchdog_limit * 125)) ] || return 0
  [ "$silence" -ge $((watchdog_limit * 100)) ] && [ "$tried" -gt "$heard" ] && [ $((now - looked)) -lt $((watchdog_round * 3 / 2)) ]
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

# Asks whoever is next. Sets "nap": until the next look.
ask_on() {
  if [ "$heard" -lt "$asked" ]; then
    nap=$watchdog_short_nap
    [ $((now - asked)) -lt "$patience" ] || ask_everybody
    return
  fi
  # Whoever answered has ended; of several, the others may still try.
  case $newer in ' '*' '*) ;; *) newer= ;; esac
  [ -n "$watchdog_speaks" ] && [ -n "$nearest" ] && [ $((now - asked)) -lt $((watchdog_round * 3 / 2)) ] || ask_nearest
}

end_tries() {
  [ -z "$oldest$older$newer" ] || kill -KILL $oldest $older $newer 2>/dev/null
}

watchdog() {
  choose_connect
  heard=$now looked=$now tried=0
  while kill -0 "$server" 2>/dev/null; do
    look_at_clock
    nap=$watchdog_nap
    if ! takes_writes || ! has_peers; then
      heard=$now
    else
      [ -n "$told" ] || say "from now on $connects_by checks that the API server or a peer can be reached"
      told=yes
      hear
      ! is_cut_off || break
      ask_on
    fi
    looked=$now
    sleep "$nap"
  done
  end_tries
  kill -0 "$server" 2>/dev/null || return 0
  # Nothing that could take time comes before the end: not even the line to the log.
  reason="${CUT_OFF}neither the API server nor a peer could be reached for $watchdog_limit seconds, so writes were stopped"
  printf '%s' "$reason" >"$state/cut-off"
  kill_tree "$server"
  say "$reason"
}

# Called before the server is started. One that was stopped because it was cut off stays down until it reaches somebody: up
# and read-only it would look fit to take writes once more, to an operator that is the only one to reach it.
stay_down_while_cut_off() {
  [ -s "$state/cut-off" ] || return 0
  choose_connect
  began=$now heard=$now tried=0
  while has_peers; do
    look_at_clock
    hear
    [ "$heard" -le "$began" ] || break
    [ $((now - asked)) -lt "$patience" ] || ask_everybody
    [ -n "$told" ] || say "still cut off: the server is started when the API server or a peer can be reached"
    told=yes
    [ -z "${'$'}{stopping:-}" ] || exit 143
    sleep "$watchdog_short_nap"
  done
  end_tries
  rm -f "$state/cut-off"
}
`;
