/** Verbs of MySQL and MariaDB in a backup pod: one dump of all databases, in the server's own statements. */
import { backupShell } from '../backup-shell.ts';

export interface DumpWords {
  /** As its makers write it. */
  readonly title: string;
  /** Names of the tools, separated by spaces; the first that the image has is taken. */
  readonly client: string;
  readonly dump: string;
  readonly server: string;
  /** Options of the dump tool. */
  readonly options: string;
  /** Shell that makes an empty data directory at `$data`, whose root has no password. */
  readonly makeEmpty: string;
  /** Options of the throw-away server. */
  readonly serverOptions: string;
}

/** Where the throw-away server listens, on 127.0.0.1 only. */
export const throwAwayPort = 33_061;

export const backupScript = ({ title, client, dump, server, options, makeEmpty, serverOptions }: DumpWords): string =>
  backupShell({
    title,
    verbs: ['dump', 'load', 'serve'],
    functions: String.raw`
# HOST PORT. The password goes in a file: an argument would be seen by everybody.
reach() {
  secret=
  [ ! -e "$credentials/superuser-password" ] || secret=$(sed 's/[\\"]/\\&/g' "$credentials/superuser-password")
  (
    umask 077
    printf '[client]\nuser=root\npassword="%s"\nhost=%s\nport=%s\nprotocol=tcp\ndefault-character-set=utf8mb4\n' \
      "$secret" "$1" "$2" >"$work/client.cnf"
  )
}
# HOST PORT DATABASE…
do_dump() {
  reach "$1" "$2"
  shift 2
  tool=$(first ${dump}) || return
  "$tool" --defaults-file="$work/client.cnf" --single-transaction --quick --routines --events --triggers --hex-blob \
    --max-allowed-packet=1G ${options} --databases "$@" >"$exchange/data" || return
}
# HOST PORT
do_load() {
  reach "$1" "$2"
  tool=$(first ${client}) || return
  "$tool" --defaults-file="$work/client.cnf" --max-allowed-packet=1G --batch <"$exchange/data" >/dev/null
}
# A server that nobody but this pod can reach.
do_serve() {
  data=$scratch/data
  rm -rf "$data" "$scratch/tmp"
  mkdir -p "$scratch/tmp" || return
  daemon=$(first ${server}) || return
  (${makeEmpty}) >"$work/initialize" 2>&1 || {
    tail -n 10 "$work/initialize" >&2
    return 1
  }
  "$daemon" --no-defaults --datadir="$data" --tmpdir="$scratch/tmp" --socket="$scratch/socket" \
    --pid-file="$scratch/pid" --port=${throwAwayPort} --bind-address=127.0.0.1 --skip-log-bin --event-scheduler=OFF \
    --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 --max-allowed-packet=1G --max-connections=20 \
    --character-set-server=utf8mb4 ${serverOptions} >"$scratch/log" 2>&1 </dev/null &
  server=$!
  tool=$(first ${client}) || return
  tries=0
  until "$tool" --no-defaults --protocol=tcp -h 127.0.0.1 -P ${throwAwayPort} -u root -e 'SELECT 1' >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] && kill -0 "$server" 2>/dev/null || {
      tail -n 10 "$scratch/log" >&2
      return 1
    }
    sleep 0.2
  done
}
`,
  });
