/** Parts of the boot script (boot.ts) that bring data whose history has parted from the primary's back to it. */

export const rejoin = String.raw`
# Whether data of timeline $1 up to $2 fits the member that is asked; $3: yes when it was a primary's. One word:
#   standby    it is no primary itself: nothing can be said
#   unsettled  promoted so lately that its control file, which pg_rewind reads, tells the old timeline
#   fits       it can follow
#   forked     it has something that the primary lacks
#   twin       both were primaries of a timeline of one number: pg_rewind would take the two for one
#   removed    the log that it needs next is gone
# Nothing in it may be worked out beforehand: a standby refuses to name log files.
fit_statement() {
  cat <<STATEMENT
WITH now AS (
  SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS line WHERE NOT pg_is_in_recovery()
), forks AS (
  SELECT split_part(entry, E'\t', 1) AS line, split_part(entry, E'\t', 2) AS ended
  FROM now, regexp_split_to_table(CASE WHEN line = '00000001' THEN ''
    ELSE convert_from(pg_read_binary_file('pg_wal/' || line || '.history'), 'UTF8') END, E'\n') AS entry
  WHERE entry ~ '^[0-9]+\t'
), mine AS (
  SELECT ended::pg_lsn AS ended FROM forks WHERE line::bigint = x'$1'::bigint
)
SELECT coalesce((SELECT CASE
  WHEN line = '$1' AND '$3' = 'yes' THEN 'twin'
  WHEN (line = '$1' AND '$2'::pg_lsn > pg_current_wal_flush_lsn())
    OR (line <> '$1' AND (NOT EXISTS (SELECT FROM mine) OR '$2'::pg_lsn > (SELECT ended FROM mine)))
    THEN CASE WHEN (SELECT lpad(to_hex(timeline_id), 8, '0') FROM pg_control_checkpoint()) = lower(line)
      THEN 'forked' ELSE 'unsettled' END
  WHEN NOT EXISTS (SELECT FROM pg_ls_dir('pg_wal', true, false) AS name
    WHERE name ~ '^[0-9A-F]{24}$' AND substr(name, 9) <= substr(pg_walfile_name(('$2' || left(line, 0))::pg_lsn), 9)) THEN 'removed'
  ELSE 'fits' END FROM now), 'standby')
STATEMENT
}

# Moves the data away, as long as there is room for another copy. What follows it is a clone.
set_aside() {
  phase rejoining
  rm -rf "$data.diverged"
  needed=$(du -sk "$data" | cut -f1)
  free=$(df -Pk "$volume" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)
  [ "$needed" -le "$free" ] ||
    fail "this member has to be cloned anew ($1), but its volume has room for $((free / 1024)) MiB and a copy takes about $((needed / 1024)): raise spec.storage.size, or delete its PersistentVolumeClaim and pod to give up what only it has"
  say "$1: moving the data to $data.diverged and cloning anew"
  : >"$volume/.reclone"
  mv "$data" "$data.diverged" || fail "can't move $data away"
  rm -f "$volume/.rewinding" "$volume/.led"
  make_durable
}

# pg_rewind works in place: killed in the middle, the data is of no use, which the mark tells the next start. The try
# without writing goes first, so that a primary that is away costs nothing.
rewind() {
  phase rejoining
  set -- --target-pgdata="$data" --source-server="$(patient_connection "$1" postgres)"
  run pg_rewind --dry-run "$@" >"$state/rewind.log" 2>&1 || return 1
  : >"$volume/.rewinding"
  make_durable
  run pg_rewind "$@" >"$state/rewind.log" 2>&1 || return 2
  make_durable
  rm -f "$volume/.rewinding" "$volume/.led"
}

# $1: forked, twin; $2: the primary. The server was stopped cleanly.
rejoin() {
  if [ "$1" = twin ]; then
    set_aside "it was the primary of another timeline of the same number as $2"
  elif [ -n "$rewound" ]; then
    set_aside "it still does not fit $2 after pg_rewind"
  else
    say "rejoining $2 by pg_rewind: what only this member has is dropped"
    code=0
    rewind "$2" || code=$?
    [ "$code" -ne 0 ] || { say "rewound to $2"; rewound=yes; return; }
    why=$(tail -n 3 "$state/rewind.log" | tr '\n' ' ')
    if [ "$code" -eq 1 ] && ! takes_clones "$2" 2>/dev/null; then
      say "can't rewind to $2 yet: $why"
      return
    fi
    set_aside "pg_rewind failed: $why"
  fi
  clone "$2"
}

# The order to clone anew: entries "pod=token"; obeyed once, the token is kept beside the data.
reseed_token() {
  for entry in $(cat "$topology/reseed" 2>/dev/null); do
    [ "${'$'}{entry%%=*}" != "$POD_NAME" ] || printf '%s' "${'$'}{entry#*=}"
  done
}

obey_reseed() {
  token=$(reseed_token)
  [ -n "$token" ] && [ "$token" != "$(cat "$volume/.reseed" 2>/dev/null)" ] || return 0
  if is_primary; then
    say "told to clone anew but named the primary: keeping the data"
    return
  fi
  [ ! -e "$data" ] || set_aside "the operator ordered it"
  : >"$volume/.reclone"
  clone ''
  printf '%s' "$token" >"$volume/.reseed"
  make_durable
}
`;
