/** Parts of the boot script (boot.ts) about the data directory: making the first one, and which version may open it. */
import { refusedConfiguration } from '../last-words.ts';
import { monitorUser } from './paths.ts';

export const initialize = String.raw`
# Sessions begin with these modes: names in double quotes, and backslashes escape whatever the configuration says.
first_accounts() {
  secret=$(sql_secret superuser-password)
  cat <<SQL
SET SESSION sql_mode = 'ANSI_QUOTES';
SET SESSION sql_log_bin = 0;
ALTER USER 'root'@'localhost' IDENTIFIED BY '$secret';
CREATE USER 'root'@'%' IDENTIFIED BY '$secret';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
CREATE USER '$replication_user'@'%' IDENTIFIED BY '$(sql_secret replication-password)';
GRANT REPLICATION SLAVE ON *.* TO '$replication_user'@'%';
CREATE USER '${monitorUser}'@'%' IDENTIFIED BY '$(sql_secret monitor-password)' WITH MAX_USER_CONNECTIONS 5;
GRANT SELECT ON performance_schema.* TO '${monitorUser}'@'%';
$(further_accounts)
CREATE DATABASE "$APP_DATABASE" CHARACTER SET utf8mb4;
CREATE USER '$APP_USER'@'%' IDENTIFIED BY '$(sql_secret password)';
GRANT ALL ON "$(printf '%s' "$APP_DATABASE" | sed 's/_/\\_/g')".* TO '$APP_USER'@'%';
SQL
}

initialize() {
  phase initializing
  say "initializing a new data directory of $title $version"
  make_empty "$new" >"$state/initialize.log" 2>&1 || fail "can't initialize: $(complaint "$state/initialize.log")"
  say "creating accounts and the database $APP_DATABASE"
  start_private "$new" --skip-log-bin || fail "the new server doesn't start; its log is above"
  (umask 077 && first_accounts >"$state/accounts.sql") || fail "can't read the passwords"
  ask_private <"$state/accounts.sql" || fail "can't create accounts and the database $APP_DATABASE; the reason is above"
  rm -f "$state/accounts.sql"
  ask_as_member 'SELECT 1' >/dev/null || fail "the new server doesn't know its own superuser"
  stop_private || fail "the new server didn't stop cleanly; its log is above"
  put_in_place
}

# What a server says before it gives up, without its time stamps.
complaint() { grep -i 'error' "$1" | sed 's/^.*\[ERROR\] *//' | tail -n 3 | grep . || tail -n 3 "$1"; }

# The record is written after a server has opened the data, so it names the newest version that has.
check_version() {
  have=$(cat "$volume/.initialized" 2>/dev/null) || return 0
  case $have in
    "$title "*) have=${'$'}{have#"$title "} ;;
    *) fail "the volume holds data of $have, this image is $title $version: bring the right volume or image" ;;
  esac
  [ "$(number "$version")" -lt "$(number "$have")" ] || return 0
  [ "${'$'}{version%.*}" = "${'$'}{have%.*}" ] && may_go_back && return 0
  fail "the data was written by $title $have, this image is $title $version, which can't read it: set spec.version back to $have"
}

check_config() {
  try_config >"$state/config.log" 2>&1 ||
    fail "${refusedConfiguration}: $(complaint "$state/config.log")"
}
`;
