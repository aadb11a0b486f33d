/** The part of Redis's boot script that writes the server's own configuration file, and the file of its users. */
import { monitorUser, replicationUser } from './paths.ts';

/**
 * What `@dangerous` takes from the application's user and it gets back, because frameworks and clients use it on data
 * that is all its own: INFO (asked by clients when they connect), KEYS, SORT, FLUSHDB, ROLE. It does not get CONFIG
 * (shows passwords), DEBUG, SHUTDOWN, SAVE, MONITOR, REPLICAOF, MIGRATE, RESTORE (unchecked bytes), FLUSHALL, ACL, MODULE.
 */
export const applicationCommands = '+@all -@dangerous +info +keys +sort +flushdb +role';
/** Before 7.0 all of CLIENT counts as dangerous. */
export const olderClientCommands = ['setname', 'getname', 'id', 'reply', 'tracking', 'caching', 'getredir']
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

# The rule of redis that holds a password's hash. $1: file in the credentials.
hashed() { printf '#%s' "$(printf '%s' "$(cat "$credentials/$1")" | sha256sum | cut -d ' ' -f 1)"; }

# Users are in a file on the volume, because the operator adds some while the server runs (ACL SAVE) and they have to be
# there after a restart. The own ones are written anew each time, before those that were kept.
write_users() {
  {
    printf 'user default on %s ~* %s +@all\n' "$(hashed superuser-password)" "$channels"
    printf 'user ${replicationUser} on %s -@all +ping +psync +replconf\n' "$(hashed replication-password)"
    printf 'user ${monitorUser} on %s -@all +ping +info +latency|latest\n' "$(hashed monitor-password)"
    printf 'user %s on %s ~* %s %s\n' "$APP_USER" "$(hashed password)" "$channels" "$rights"
    [ ! -e "$volume/users.acl" ] || grep -v -e '^user default ' -e '^user database_operator_' -e "^user $APP_USER " "$volume/users.acl" || :
  } >"$volume/users.acl.new" && mv "$volume/users.acl.new" "$volume/users.acl" ||
    fail "can't write the users to $volume/users.acl: check that the volume isn't full"
}

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
    printf 'aclfile %s\n' "$volume/users.acl"
  } >"$state/redis.conf" || fail "can't write the server's configuration to $state"
  write_users
  # The exporter takes passwords from a file only by address.
  printf '{"redis://127.0.0.1:%s":%s}\n' "$port" "$(quoted monitor-password)" >"$exporter/passwords.new" &&
    mv "$exporter/passwords.new" "$exporter/passwords"
}
`;
