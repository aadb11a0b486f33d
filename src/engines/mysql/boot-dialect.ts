/** What the boot script does for MySQL only. */
import type { Dialect } from '../mysql-family/boot.ts';

const shell = String.raw`
find_tools() {
  mysqld=$(pick mysqld) && client=$(pick mysql) && admin=$(pick mysqladmin) && dump=$(pick mysqldump) || exit 1
}

# Replication's words changed in 8.0.22 (statements) and 8.0.26 (options and plugins).
flags_of_version() {
  source=source replica=replica
  at_least 80026 || source=master replica=slave
  read_only_variable=super_read_only
  private_flags="--loose-mysqlx=OFF --secure-file-priv=$state/files"
  semi_enabled="rpl_semi_sync_$source"_enabled semi_clients="rpl_semi_sync_$source"_clients semi_wait="rpl_semi_sync_$source""_wait_no_$replica"
  server_flags="$private_flags --gtid-mode=ON --enforce-gtid-consistency=ON --log-$replica-updates=ON
    --$replica-net-timeout=3 --skip-$replica-start=ON
    --plugin-load-add=semisync_$source.so --plugin-load-add=semisync_$replica.so
    --rpl-semi-sync-$replica-enabled=ON --rpl-semi-sync-$source-timeout=4294967295
    --rpl-semi-sync-$source-wait-no-$replica=$(wait_without_replicas "$(mode)")"
  at_least 80017 && server_flags="$server_flags --plugin-load-add=mysql_clone.so"
  # Otherwise files, which a crash leaves behind the tables.
  at_least 80000 ||
    server_flags="$server_flags --binlog-format=ROW --master-info-repository=TABLE --relay-log-info-repository=TABLE"
  peer_flags='--super-read-only=ON'
  start_replica='START REPLICA'
  replica_status='SHOW REPLICA STATUS'
  at_least 80022 || { start_replica='START SLAVE' replica_status='SHOW SLAVE STATUS'; }
}

# This setting is also what tells whoever promotes the server that writes have to be confirmed.
wait_without_replicas() { if [ "$1" = sync ]; then echo ON; else echo OFF; fi; }

make_empty() {
  run "$mysqld" --defaults-file="$config/my.cnf" --initialize-insecure --datadir="$1" --tmpdir="$tmp" $private_flags
}

further_accounts() {
  ! at_least 80017 || echo "GRANT BACKUP_ADMIN ON *.* TO '$replication_user'@'%';"
  echo "GRANT PROCESS, REPLICATION CLIENT ON *.* TO '$monitor_user'@'%';"
}

# Until 8.4 no server starts on data of a later patch.
may_go_back() { at_least 80400; }

try_config() {
  if at_least 80016; then
    "$mysqld" --defaults-file="$config/my.cnf" --validate-config $server_flags
  else
    "$mysqld" --defaults-file="$config/my.cnf" --verbose --help $private_flags
  fi
}

before_start() { :; }

source_host() { ask "$replica_status" | cut -f 2; }

seed_from() {
  if at_least 80017; then clone_from "$1"; else dump_from "$1"; fi
}

# An empty server receives the data files of the other into a directory beside its own.
clone_from() {
  [ -e "$helper/mysql.ibd" ] || {
    rm -rf "$helper"
    make_empty "$helper" >"$state/initialize.log" 2>&1 || fail "can't initialize: $(complaint "$state/initialize.log")"
  }
  start_private "$helper" --skip-log-bin --plugin-load-add=mysql_clone.so || return 1
  cat >"$state/clone.sql" <<SQL
SET SESSION sql_mode = 'ANSI_QUOTES';
SET GLOBAL clone_valid_donor_list = '$(address "$1"):$member_port';
CLONE INSTANCE FROM '$replication_user'@'$(address "$1")':$member_port
  IDENTIFIED BY '$(sql_secret replication-password)' DATA DIRECTORY = '$new';
SQL
  cloned=0
  ask_private <"$state/clone.sql" || cloned=$?
  rm -f "$state/clone.sql"
  stop_private || :
  return "$cloned"
}

dump_from() {
  make_empty "$new" >"$state/initialize.log" 2>&1 || fail "can't initialize: $(complaint "$state/initialize.log")"
  start_private "$new" --gtid-mode=ON --enforce-gtid-consistency=ON --log-bin=binlog --server-id="$server_id" || return 1
  copied=0
  copy_from "$1" --set-gtid-purged=ON --flush-privileges || copied=$?
  stop_private || copied=1
  return "$copied"
}

change_mode() {
  if [ "$1" = async ]; then
    ask "SET GLOBAL $semi_wait = OFF, GLOBAL $semi_enabled = OFF"
    return
  fi
  ask "SET GLOBAL $semi_wait = ON"
  [ "$(ask 'SELECT @@GLOBAL.super_read_only')" = 0 ] || return 0
  clients=$(ask "SHOW GLOBAL STATUS LIKE '$semi_clients'" | cut -f 2)
  [ "$clients" -gt 0 ] && ask "SET GLOBAL $semi_enabled = ON"
}
`;

export const dialect: Dialect = { title: 'MySQL', shell };
