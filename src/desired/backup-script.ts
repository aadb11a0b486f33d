/**
 * The frame around an engine's dump: one backup is one directory named by its time. It is filled under a name that ends
 * in `.part`, checked, made durable and renamed, so what has its final name is whole. Old ones go only after a new one
 * is there, and the newest never goes.
 */

/** POSIX sh. Environment: BACKUP_HOST, BACKUP_DIRECTORY, KEEP_COUNT, KEEP_SECONDS (one of them 0). Prints one line of JSON. */
export const backupScript = String.raw`#!/bin/sh
# Makes one backup and removes those past their time. Written by database-operator; changes made here are put back.
set -eu
umask 077
scripts=$(dirname "$0")
now=$(date +%s)
name=$(date -u -d "@$now" +%Y%m%dT%H%M%SZ)

report() {
  printf '{"backup":"%s","ok":%s,"bytes":%s,"seconds":%s,"kept":%s,"removed":%s}\n' \
    "$name" "$1" "$2" "$(($(date +%s) - now))" "$3" "$4"
}
# Whole backups, oldest first.
backups() {
  for path in ????????T??????Z; do
    [ ! -d "$path" ] || echo "$path"
  done
}
count() { backups | wc -l | tr -d ' '; }
failed() {
  rm -rf "./$name.part"
  report false 0 "$(count)" 0
  exit 1
}

mkdir -p "$BACKUP_DIRECTORY"
cd "$BACKUP_DIRECTORY"
rm -rf ./*.part
[ ! -e "$name" ] || exit 1
mkdir "$name.part"
trap failed EXIT
trap 'exit 143' TERM INT
sh "$scripts/dump.sh" "$PWD/$name.part" >&2
(cd "$name.part" && find . -type f -exec sha256sum {} + >/tmp/SHA256SUMS && cp /tmp/SHA256SUMS .)
bytes=$(find "$name.part" -type f -exec cat {} + | wc -c | tr -d ' ')
sync
mv "$name.part" "$name"
sync
trap - EXIT

removed=0
left=$(count)
oldest=$(date -u -d "@$((now - KEEP_SECONDS))" +%Y%m%dT%H%M%SZ)
for old in $(backups); do
  [ "$old" != "$name" ] || continue
  if [ "$KEEP_COUNT" -gt 0 ]; then
    [ "$left" -gt "$KEEP_COUNT" ] || break
  else
    expr "$old" '<' "$oldest" >/dev/null || break
  fi
  rm -rf "./$old"
  left=$((left - 1))
  removed=$((removed + 1))
done
report true "$bytes" "$left" "$removed"
`;
