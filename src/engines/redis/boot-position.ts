/**
 * The part of Redis's boot script that keeps which history the data belongs to. A history is a replication id and an
 * offset in it; a member's position is a chain of them, newest first: `id:offset/older id:offset` (position.ts).
 *
 * A server that loads an append-only file invents a new id, though its data is that of the old one. So the last position
 * is written to the volume every second (it may be behind what is there, never ahead), and after a start both are told
 * to the operator in the key patterns of a user that nobody can be: `self=`, the invented id, and `base=`, the position
 * that the data had. In the same transaction the server is pointed at the named primary: before it the operator does not
 * touch this member, and after it the script does not.
 */
import { positionUser } from './paths.ts';

/**
 * One line: role, id, offset, older id, one past the last offset of that, and `whole` when the append-only file has all
 * that memory has. It has not between the copy from a primary and the end of the rewrite that follows.
 */
const question = [
  `local r, p = redis.call('INFO', 'replication'), redis.call('INFO', 'persistence')`,
  `local function f(text, name) return string.match(text, name .. ':([^%c]*)') or '-' end`,
  `local whole = f(p, 'aof_enabled') == '1' and f(p, 'aof_rewrite_in_progress') == '0'`,
  `  and f(p, 'aof_rewrite_scheduled') == '0' and f(p, 'aof_last_bgrewrite_status') == 'ok'`,
  `return table.concat({f(r, 'role'), f(r, 'master_replid'), f(r, 'master_repl_offset'), f(r, 'master_replid2'),`,
  `  f(r, 'second_repl_offset'), whole and 'whole' or 'part'}, ' ')`,
].join('\n');

export const position = String.raw`
question="${question}"

# Two files in turn, each with a rising number: one of them is whole whenever this ends.
last_position() {
  best=0 chain=
  for file in "$volume"/.position.*; do
    [ -e "$file" ] || continue
    number= found= end=
    read -r number found end <"$file"
    [ "$end" = end ] && [ "$number" -gt "$best" ] && best=$number chain=$found
  done
  # Older histories than these matter to nobody.
  [ "$chain" != none ] && chain=$(printf '%s' "$chain" | cut -d / -f 1-4) || chain=
}

write_position() {
  best=$((best + 1))
  printf '%s %s end\n' "$best" "${'$'}{1:-none}" >"$volume/.position.$((best % 2))"
}

begin_history() {
  last_position
  self=$(cli INFO replication | tr -d '\r' | sed -n 's/^master_replid://p')
  [ -n "$self" ] || return 1
  born=replica
  [ -z "$lone" ] || born=primary
  source=
  wanted=2
  if [ -z "$lone" ] && [ "$primary" != "$POD_NAME" ]; then
    source="REPLICAOF $primary.$HEADLESS_SERVICE $port" wanted=3
  fi
  printf '%s\n' MULTI "ACL SETUSER ${positionUser} reset off ~self=$self ~base=$chain ~born=$born" ${'$'}{source:+"$source"} EXEC |
    cli >"$state/answer" 2>&1
  [ "$(grep -c '^OK' "$state/answer")" -eq "$wanted" ]
}

keep_position() {
  base=$chain
  while kill -0 "$server" 2>/dev/null; do
    last_position
    kept=$chain
    cli -r -1 -i 1 EVAL "$question" 0 2>/dev/null | while read -r role id offset older end whole; do
      note
    done
    sleep 1
  done
}

# Reads what keep_position read; must be quick and start no process.
note() {
  case $role in
    master) [ -e "$state/writable" ] || : >"$state/writable" ;;
    slave) [ ! -e "$state/writable" ] || rm -f "$state/writable" ;;
    *) return ;;
  esac
  now=$id:$offset copied=
  case $self:$role:$born in
    "$id":slave:replica) now=$base ;;
    "$id":*) now=$now${'$'}{base:+/$base} ;;
    "$older":*:replica) now=$now${'$'}{base:+/$base} ;;
    "$older":*) now=$now/$older:$((end - 1))${'$'}{base:+/$base} ;;
    *)
      [ "$end" -le 0 ] || now=$now/$older:$((end - 1))
      copied=yes
      ;;
  esac
  # What was copied is not in the file yet: the file is as old as the position that was kept, or nobody knows.
  if [ -n "$copied" ] && [ "$whole" != whole ]; then
    case $kept in "$id":* | "$older":*) return ;; esac
    now=
  fi
  [ "$now" != "$kept" ] || return 0
  write_position "$now"
  kept=$now
}
`;
