/** The files of `<name>-scripts` that MySQL and MariaDB have beside the dump: the boot script, the probes, the mode. */
import type { Database } from '../../api/types.generated.ts';
import { bootScript, type Dialect } from './boot.ts';
import { modeFile, stateDirectory } from './paths.ts';

/**
 * Long recovery after a crash is no reason to kill a server, and neither is a full table of connections. Whether it has
 * ended is for the boot script to see.
 */
const live = (admin: string): string => `#!/bin/sh
# Dead: it has answered before and no longer does.
[ -e ${stateDirectory}/answered ] || exit 0
answer=$(${pick(admin)} --defaults-file=${stateDirectory}/client.cnf --connect-timeout=5 ping 2>&1) && exit 0
case $answer in *"Too many connections"*) exit 0 ;; esac
echo "$answer" >&2
exit 1
`;

/** A replica counts once it has received since it started: its primary's end must not take it away from readers. */
const ready = (words: ProbeWords): string => `#!/bin/sh
# Ready: takes writes, or has replicated since it started.
[ -e ${stateDirectory}/answered ] || exit 1
ask() { ${pick(words.client)} --defaults-file=${stateDirectory}/client.cnf --connect-timeout=3 -B "$@"; }
case $(ask -N -e 'SELECT @@GLOBAL.${words.readOnly}') in
  0 | OFF) exit 0 ;;
  '') exit 1 ;;
esac
[ ! -e ${stateDirectory}/streamed ] || exit 0
status=$(${words.statements.map((statement) => `ask -e '${statement}\\G' 2>/dev/null`).join(' || ')}) || exit 1
for thread in IO SQL; do
  printf '%s' "$status" | grep -Eq "(Replica|Slave)_\${thread}_Running: Yes" || exit 1
done
: >${stateDirectory}/streamed
`;

/** First of the names that the image has. */
const pick = (names: string): string => `"$(command -v ${names.split(' ').join(' || command -v ')})"`;

export interface ProbeWords {
  /** Names of the client and of the admin tool, separated by spaces; the first that the image has is taken. */
  readonly client: string;
  readonly admin: string;
  /** Variable that is off in a server that takes writes. */
  readonly readOnly: string;
  /** The first that the server understands is taken. */
  readonly statements: readonly string[];
}

export const replicationMode = ({ spec }: Pick<Database, 'spec'>): 'sync' | 'async' =>
  spec.replication?.mode === 'sync' && (spec.replicas ?? 1) > 1 ? 'sync' : 'async';

/** File name → content. */
export const scripts = (database: Database, dialect: Dialect, words: ProbeWords): Readonly<Record<string, string>> => ({
  'boot.sh': bootScript(dialect),
  'live.sh': live(words.admin),
  'ready.sh': ready(words),
  [modeFile]: `${replicationMode(database)}\n`,
});
