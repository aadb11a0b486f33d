/**
 * Shell functions, shared by all engines' boot scripts, that tell in the termination message why a server ended before it
 * ever answered. A log can't be had back once it is written, and nobody is to stand between a healthy server and its log
 * for good; so only the start that follows such an end is listened to, which the kubelet makes a moment later.
 *
 * The script that includes this text has variables `state`, `config`, `credentials` (directories) and, in this order,
 * 1. calls `open_log`, and starts the server with `>&6 2>&7 6>&- 7>&- &`,
 * 2. calls `close_log`,
 * 3. calls `has_answered` beside the server once it answers for the first time,
 * 4. when it has ended, calls `hear_out` and writes what `why_ended CODE` prints to the termination message.
 */
export interface LastWordsSettings {
  /** Where the server writes its log to: 1 or 2, as file descriptors are numbered. */
  readonly stream: 1 | 2;
  /** `case` pattern of the lines in which it complains. */
  readonly complaint: string;
  /** `case` pattern of those among them that explain nothing. */
  readonly noise: string;
  /** Program for sed that leaves of such a line what a person wants to know. */
  readonly gist: string;
  /** Its configuration, in `config`. */
  readonly file: string;
  /** Exit code by which it says that its options are wrong. */
  readonly refusal?: number;
}

/** How every refusal begins that only a change of spec.config helps against; the status knows it again by this. */
export const refusedConfiguration = 'the server refuses its configuration, so spec.config has to change';

/** POSIX sh. */
export const lastWords = ({ stream, complaint, noise, gist, file, refusal }: LastWordsSettings): string => `
refusal='${refusedConfiguration}'
refusal_code=${refusal ?? ''}
configuration=$config/${file}
log_stream=${stream}
listener=
complains() {
  case $1 in ${noise}) return 1 ;; ${complaint}) return 0 ;; esac
  return 1
}
gist() { sed '${gist}'; }
${functions}`;

const functions = String.raw`
# The mark of an earlier start is there as long as none has answered: then this one is listened to.
open_log() {
  listener=
  rm -f "$state/complaints" "$state/log"
  if [ -e "$state/unanswered" ] && mkfifo "$state/log"; then
    # Not with the lock on the volume: that is for servers only.
    listen <"$state/log" >&"$log_stream" 9>&- &
    listener=$!
    exec 6>"$state/log" 7>&6
  else
    exec 6>&1 7>&2
  fi
  : >"$state/unanswered"
}

# The log ends with the server: nobody else holds it open.
close_log() { exec 6>&- 7>&-; }

has_answered() { rm -f "$state/unanswered"; }

# Passes everything on and keeps the last three complaints. Once the server has answered, it only passes on.
listen() {
  first= second= third=
  while [ -e "$state/unanswered" ] && { IFS= read -r line || [ -n "$line" ]; }; do
    printf '%s\n' "$line"
    complains "$line" || continue
    first=$second second=$third third=$line
    printf '%s\n' "$first" "$second" "$third" >"$state/complaints"
  done
  exec cat
}

# What was written last may still be on its way; a process that outlives its server is not waited for.
hear_out() {
  tries=0
  while [ -n "$listener" ] && kill -0 "$listener" 2>/dev/null && [ "$tries" -lt 20 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  listener=
}

holds_secret() {
  for mounted in "$credentials"/*; do
    hidden=$(cat "$mounted" 2>/dev/null)
    [ -n "$hidden" ] || continue
    case $1 in *"$hidden"*) return 0 ;; esac
  done
  return 1
}

# A termination message is read by people who may not read Secrets.
complaints() {
  while IFS= read -r line; do
    [ -z "$line" ] || holds_secret "$line" || printf '%s\n' "$line"
  done <"$state/complaints" | gist | cut -c 1-400
}

# The setting that the words $1 name, or whose value they quote. Only what is hardly anything else counts: names of more
# than one part, and values between double quotes.
blamed() {
  named=$(printf ' %s ' "$1" | tr -cs 'A-Za-z0-9_.-' ' ' | sed 's/[.-]* [.-]*/ /g')
  quoted=$(printf '%s' "$1" | grep -o '"[A-Za-z_$][A-Za-z0-9_.$/-]*"' | tr -d '"' | tr '\n' ' ')
  tr "=:,'\"" '     ' <"$configuration" | while read -r setting value; do
    case $setting in *[_-]*) case $named in *" $setting "*) printf '%s' "$setting" && break ;; esac ;; esac
    for word in $quoted; do
      case " $value " in *" $word "*) printf '%s' "$setting" && break 2 ;; esac
    done
  done
}

why_ended() {
  if [ -s "$state/cut-off" ]; then
    cat "$state/cut-off"
    return
  fi
  if [ ! -e "$state/unanswered" ]; then
    printf 'the server ended with code %s' "$1"
    return
  fi
  said=
  [ ! -s "$state/complaints" ] || said=$(complaints)
  setting=
  [ -z "$said" ] || setting=$(blamed "$said")
  if [ -n "$setting" ]; then
    printf '%s (%s): %s' "$refusal" "$setting" "$said"
  elif [ "$1" = "$refusal_code" ]; then
    printf '%s: %s' "$refusal" "${'$'}{said:-its log says why}"
  else
    printf 'the server ended with code %s before it answered%s' "$1" "${'$'}{said:+: $said}"
  fi
}
`;
