/**
 * The script of the engine's container in a backup pod: it makes three pipes, then does what the agent's lines tell it,
 * as far as it is one of its verbs. An order is `NUMBER VERB ARGUMENT…`, each argument `x` and its base64; an answer is
 * `NUMBER CODE TEXT`, the text in base64: what the verb printed, or the end of what it complained of. The other end is
 * backup/exchange.ts.
 */
import { credentialsDirectory } from './mounts.ts';

export interface BackupShell {
  /** As its makers write it. */
  readonly title: string;
  /** Names of the verbs; each is a function `do_<verb>`. */
  readonly verbs: readonly string[];
  /** POSIX sh: the functions. `$exchange/data` is the pipe for data, `$work` a place for small files, `$scratch` one for a server. */
  readonly functions: string;
}

/** POSIX sh. Environment: EXCHANGE, SCRATCH. Ends with the agent; 0: it was told to. */
export const backupShell = ({ title, verbs, functions }: BackupShell): string => String.raw`#!/bin/sh
# Runs tools of ${title} for the backup agent beside it. Written by database-operator; changes made here are put back.
set -u
umask 007
exchange=${'$'}{EXCHANGE:-/exchange}
scratch=${'$'}{SCRATCH:-/verify}
credentials=${'$'}{CREDENTIALS:-${credentialsDirectory}}
work=$(mktemp -d) || exit 1
trap 'exit 143' TERM INT

first() {
  for name; do
    ! command -v "$name" || return 0
  done
  echo "the image has none of: $*" >&2
  return 1
}
decode() { printf '%s' "${'$'}{1#x}" | base64 -d; }
# Runs in the background, so that this script hears when the agent is gone.
perform() {
  number=$1 verb=$2
  shift 2
  words=$#
  while [ "$words" -gt 0 ]; do
    # The dot keeps line breaks at the end.
    word=$(decode "$1"; echo .)
    shift
    set -- "$@" "${'$'}{word%.}"
    words=$((words - 1))
  done
  code=0
  ("do_$verb" "$@") >"$work/said" 2>"$work/complained" 3<&- 4>&- || code=$?
  if [ "$code" -eq 0 ]; then text=said; else text=complained; fi
  [ "$code" -eq 0 ] || cat "$work/complained" >&2
  printf '%s %s %s\n' "$number" "$code" "$(tail -n 20 "$work/$text" | tail -c 2000 | base64 | tr -d '\n')" >&4
}

${functions.trim()}

for pipe in data answers orders; do
  [ -p "$exchange/$pipe" ] || mkfifo "$exchange/$pipe" || exit 1
done
# An agent that never comes must not keep the pod.
(sleep 600 && kill -TERM $$) 2>/dev/null &
exec 3<"$exchange/orders" 4>"$exchange/answers"
kill $! 2>/dev/null
while IFS= read -r line <&3; do
  set -f
  set -- $line
  set +f
  case $2 in
    ${verbs.join(' | ')}) perform "$@" & ;;
    *) printf '%s 64 %s\n' "$1" "$(printf 'the script knows no verb %s' "$2" | base64 | tr -d '\n')" >&4 ;;
  esac
done
rm -rf "$work"
exit 0
`;
