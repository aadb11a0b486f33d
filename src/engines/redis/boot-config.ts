/** The part of Redis's boot script that writes the server's own configuration file, passwords and users in it. */
import { monitorUser, replicationUser } from './paths.ts';

/**
 * What `@dangerous` takes from the application's user and it gets back, because frameworks and clients use it on data
 * that is all its own: INFO (asked by clients when they connect), KEYS, SORT, FLUSHDB, ROLE. It does not get CONFIG
 * (shows passwords), DEBUG, SHUTDOWN, SAVE, MONITOR, REPLICAOF, MIGRATE, RESTORE (unchecked bytes), FLUSHALL, ACL, MODULE.
 */
const applicationCommands = '+@all -@dangerous +info +keys +sort +flushdb +role';
/** Before 7.0 all of CLIENT counts as dangerous. */
const olderClientCommands = ['setname', 'getname', 'id', 'reply', 'tracking', 'caching', 'getredir']
  .map((name) => `+client|${name}`)
  .join(' ');

export const serverConfiguration = String.raw`
read_version() {
  version=$(redis-server --version | sed 's/^.* v=\([0-9]*\)\.\([0-9]*\).*/\1 \2/')
  major=${'$'}{version% *} minor=${'$'}{version#* }
  case $major$minor in '' | *[!0-9]*) fail "can't tell the version of Redis: $(redis-server --version)" ;; esac
}
at_least() { [ "$major" -gt "$1" ] || { [ "$major" -eq "$1" ] && [ "$minor" -ge "$2" ]; }; }

# $1: file in the credentials. A quoted string in the syntax of redis.conf.
quoted() { printf '"%s"' "$(sed 's/[\\"]/\\&/g' "$credentials/$1")"; }
# The same with the ">" that marks a password in a list of rights.
secret() { quoted "$1" | sed 's/^"/">/'; }

# The user's settings come first: of two lines the later one counts.
write_configuration() {
  for file in password superuser-password replication-password monitor-password; do
    [ -s "$credentials/$file" ] || fail "the file $file isn't mounted: is it in the Secret of the internal passwords?"
  done
  channels='&*'
  at_least 6 2 || channels=
  rights='${applicationCommands}'
  at_least 7 0 || rights="$rights ${olderClientCommands}"
  ! at_least 7 0 || rights="$rights +sort_ro"
  {
    printf 'include %s\n' "$config/redis.conf"
    # The public images' entrypoint loads what they bring along.
    for module in /usr/local/lib/redis/modules/*.so; do
      [ ! -s "$module" ] || printf 'loadmodule %s\n' "$module"
    done
    printf '%s\n' "dir $data" "port $port" 'appendonly yes' 'replica-read-only yes' \
      'repl-ping-replica-period 1' 'repl-timeout 10' 'repl-backlog-ttl 0' "replica-announce-ip $POD_NAME.$HEADLESS_SERVICE" \
      'masteruser ${replicationUser}'
    [ -n "$lone" ] || printf 'replicaof %s\n' "$nobody"
    printf 'masterauth %s\n' "$(quoted replication-password)"
    printf 'user default on %s ~* %s +@all\n' "$(secret superuser-password)" "$channels"
    printf 'user ${replicationUser} on %s -@all +ping +psync +replconf\n' "$(secret replication-password)"
    printf 'user ${monitorUser} on %s -@all +ping +info +latency|latest\n' "$(secret monitor-password)"
    printf 'user %s on %s ~* %s %s\n' "$APP_USER" "$(secret password)" "$channels" "$rights"
  } >"$state/redis.conf" || fail "can't write the server's configuration to $state"
  # The exporter takes passwords from a file only by address.
  printf '{"redis://127.0.0.1:%s":%s}\n' "$port" "$(quoted monitor-password)" >"$exporter/passwords.new" &&
    mv "$exporter/passwords.new" "$exporter/passwords"
}
`;
