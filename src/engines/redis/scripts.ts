/** The files beside the boot script in `<name>-scripts`: probes. */
import { credentialsDirectory, scriptsDirectory } from '../mounts.ts';
import { bootScript } from './boot.ts';
import { monitorUser, port, stateDirectory } from './paths.ts';

const ask = `ask() {
  REDISCLI_AUTH=$(cat ${credentialsDirectory}/monitor-password) \\
    redis-cli -h 127.0.0.1 -p ${port} --user ${monitorUser} "$@" 2>/dev/null
}`;

const ready = `#!/bin/sh
# Ready: its data is loaded; a replica only once it has had a link to its primary since it started.
${ask}
info=$(ask INFO)
case $info in *loading:0*) ;; *) exit 1 ;; esac
case $info in
  *role:master*) exit 0 ;;
  *master_link_status:up*) : >${stateDirectory}/streamed ;;
esac
[ -e ${stateDirectory}/streamed ]
`;

const live = `#!/bin/sh
# Dead: no answer at all. A server that loads its data or runs a long script answers with an error, and lives.
[ "$(cat ${stateDirectory}/phase 2>/dev/null)" = running ] || exit 0
${ask}
[ -n "$(ask PING)" ]
`;

const files: Readonly<Record<string, string>> = {
  'boot.sh': bootScript(),
  'live.sh': live,
  'ready.sh': ready,
};

export const liveCommand = ['sh', `${scriptsDirectory}/live.sh`];
export const readyCommand = ['sh', `${scriptsDirectory}/ready.sh`];

/** File name → content; the same for every Database, so one copy serves all of them. */
export const scripts = (): Readonly<Record<string, string>> => files;
