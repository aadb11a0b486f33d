/** What the boot script does for MariaDB only. */
import type { Dialect } from '../mysql-family/boot.ts';

const shell = String.raw`
# The names with "mysql" are gone from 11's images, those with "mariadb" are not in 10.3's.
find_tools() {
  mysqld=$(pick mariadbd mysqld) && client=$(pick mariadb mysql) && admin=$(pick mariadb-admin mysqladmin) &&
    dump=$(pick mariadb-dump mysqldump) && upgrade=$(pick mariadb-upgrade mysql_upgrade) &&
    install=$(pick mariadb-install-db mysql_install_db) || exit 1
}

flags_of_version() {
  mkdir -p "$state/files"
  read_only_variable=read_only
  private_flags="--secure-file-priv=$state/files"
  semi_enabled=rpl_semi_sync_master_enabled semi_clients=rpl_semi_sync_master_clients semi_wait=rpl_semi_sync_master_wait_no_slave
  server_flags="$private_flags --gtid-domain-id=0 --gtid-strict-mode=ON --binlog-format=ROW --log-slave-updates=ON
    --slave-net-timeout=3 --master-retry-count=0 --skip-slave-start
    --rpl-semi-sync-master-wait-point=AFTER_SYNC --rpl-semi-sync-master-timeout=4294967295
    --rpl-semi-sync-master-wait-no-slave=$(wait_without_replicas "$(mode)")"
  peer_flags='--read-only=ON'
  # With these the server, when it recovers from a crash, drops what stands in its log and was never confirmed (10.6 and
  # later; the second since 2024). Without confirmations nothing may be dropped: it was acknowledged to a client.
  [ "$(mode)" != sync ] || peer_flags="$peer_flags --rpl-semi-sync-slave-enabled=ON --init-rpl-role=SLAVE"
  start_replica='START SLAVE'
  replica_status='SHOW SLAVE STATUS'
}

# This setting is also what tells whoever promotes the server that writes have to be confirmed.
wait_without_replicas() { if [ "$1" = sync ]; then echo ON; else echo OFF; fi; }

make_empty() {
  run "$install" --defaults-file="$config/my.cnf" --datadir="$1" --auth-root-authentication-method=normal \
    --skip-test-db --skip-name-resolve --rpm --tmpdir="$tmp"
}

further_accounts() {
  echo "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1', 'root'@'$(uname -n)', ''@'localhost', ''@'$(uname -n)';"
  if at_least 100502; then
    echo "GRANT PROCESS, BINLOG MONITOR, SLAVE MONITOR ON *.* TO '$monitor_user'@'%';"
  else
    echo "GRANT PROCESS, REPLICATION CLIENT ON *.* TO '$monitor_user'@'%';"
  fi
}

may_go_back() { :; }

try_config() { "$mysqld" --defaults-file="$config/my.cnf" --datadir="$state/none" --verbose --help $server_flags; }

# The tables of another release have to be brought to this one's form before anybody uses them.
before_start() {
  have=$(cat "$volume/.initialized" 2>/dev/null) || return 0
  [ "$have" != "$title $version" ] || return 0
  phase upgrading
  say "bringing the system tables from $have to $version"
  start_private "$data" --skip-log-bin --skip-slave-start --read-only=OFF --skip-grant-tables || fail "the server doesn't start; its log is above"
  run "$upgrade" --no-defaults -uroot --socket="$state/private.sock" >"$state/upgrade.log" 2>&1 ||
    fail "can't upgrade the system tables: $(complaint "$state/upgrade.log")"
  stop_private || fail "the server didn't stop cleanly; its log is above"
  printf '%s %s' "$title" "$version" >"$volume/.initialized"
}

source_host() { ask "$replica_status" | cut -f 2; }

# There is no way to receive another server's files without a program beside it, so its rows are read.
seed_from() {
  state_then=$("$client" --defaults-file="$state/client.cnf" --protocol=tcp --host="$(address "$1")" --connect-timeout=10 \
    -BNe 'SELECT @@GLOBAL.gtid_binlog_state') || return 1
  make_empty "$new" >"$state/initialize.log" 2>&1 || fail "can't initialize: $(complaint "$state/initialize.log")"
  start_private "$new" --log-bin=binlog --server-id="$server_id" --gtid-strict-mode=OFF || return 1
  copied=0
  rm -f "$state/position.sql"
  copy_from "$1" --gtid --master-data=2 --ignore-table=mysql.gtid_slave_pos --flush-privileges &&
    take_position || copied=$?
  stop_private || copied=1
  return "$copied"
}

# Whoever follows this member some day asks for a position that lies before its own log: it has to know those, too.
# The state was read before the copy began; what was written since, the primary wrote: merge keeps the later of each.
take_position() {
  position=$(sed "s/^[^']*'\([^']*\)'.*/\1/" "$state/position.sql" | head -n 1)
  ask_as_member "RESET MASTER; SET GLOBAL gtid_binlog_state = '$(merge "$state_then,$position")';
    SET GLOBAL gtid_slave_pos = '$position'"
}

# Comma-separated GTIDs; of one domain and server the highest stays, and of a domain the one that came last stands last.
merge() {
  printf '%s' "$1" | tr ',' '\n' | grep . | sort -t - -k1,1n -k3,3n | {
    merged=
    while IFS=- read -r domain id sequence; do
      merged=$(printf '%s' "$merged" | tr ',' '\n' | grep -v "^$domain-$id-" | tr '\n' ',')
      merged="$merged$domain-$id-$sequence,"
    done
    printf '%s' "$merged" | sed 's/,,*/,/g; s/,$//'
  }
}

change_mode() {
  if [ "$1" = async ]; then
    ask "SET GLOBAL $semi_wait = OFF, GLOBAL $semi_enabled = OFF"
    return
  fi
  ask "SET GLOBAL $semi_wait = ON, GLOBAL rpl_semi_sync_slave_enabled = ON"
  case $(ask 'SELECT @@GLOBAL.read_only') in 0 | OFF) ;; *) return 0 ;; esac
  clients=$(ask "SHOW GLOBAL STATUS LIKE '$semi_clients'" | cut -f 2)
  [ "$clients" -gt 0 ] && ask "SET GLOBAL $semi_enabled = ON"
}
`;

export const dialect: Dialect = { title: 'MariaDB', shell };
