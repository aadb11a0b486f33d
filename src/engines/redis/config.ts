/**
 * redis.conf. Memory is limited below the pod's, because saving forks and copies pages that change meanwhile; when it is
 * full, writes fail rather than data being thrown away. Redis has no time limit for commands, so `config.queryTimeout`
 * is not rendered.
 */
import type { Database } from '../../api/types.generated.ts';
import type { OwnedParameter, Sizing } from '../engine.ts';
import { own, userParameters } from '../parameters.ts';
import { MiB, roundDown } from '../sizes.ts';

export const ownedParameters: readonly OwnedParameter[] = [
  ...own('maxclients', 'use spec.config.maxConnections'),
  ...own(
    'port bind bind-source-addr protected-mode unixsocket unixsocketperm',
    'Services and their port are fixed; remove it',
  ),
  ...own('tls-*', 'use spec.tls.certificateSecret'),
  ...own(
    'dir dbfilename rdb-del-sync-files appenddirname appendfilename pidfile logfile syslog-* daemonize supervised include set-proc-title',
    'where files lie and how it runs is fixed by the pod; remove it',
  ),
  ...own('requirepass user aclfile acl-* masterauth masteruser', 'users are DatabaseUser objects; remove it'),
  ...own(
    'rename-command loadmodule enable-debug-command enable-module-command enable-protected-configs',
    'it would open the server or take commands from the operator; remove it',
  ),
  ...own('appendonly', 'without it a restart loses data; set appendfsync to say how much a power cut may take'),
  ...own('min-replicas-* min-slaves-*', 'use spec.replication.mode'),
  ...own('shutdown-on-sig*', 'how it stops is fixed; remove it'),
  ...own(
    'repl-timeout repl-ping-* repl-backlog-ttl replica-read-only slave-read-only replica-serve-stale-data slave-serve-stale-data',
    'failover relies on it; remove it',
  ),
  ...own(
    'replicaof slaveof replica-announce-* slave-announce-* cluster-*',
    'replication is set up by the operator: use spec.replicas, or a RedisCluster',
  ),
];

const form = /^[A-Za-z][A-Za-z0-9-]*$/;
/** Share of the memory limit that data may take. */
const dataShare = 0.6;

export function renderConfig(database: Database, sizing: Sizing): string {
  const { config } = database.spec;
  const settings = new Map([
    ['appendfsync', 'everysec'],
    ['maxmemory-policy', 'noeviction'],
    // A copy waits so long for other replicas that want one too; five by default.
    ['repl-diskless-sync-delay', '1'],
    ...memorySettings(sizing.memoryBytes),
    ...syncSettings(database),
    ...(config?.maxConnections === undefined ? [] : [['maxclients', String(config.maxConnections)] as const]),
    ...userParameters({ ownedParameters }, config?.parameters, form),
  ]);
  const lines = [...settings]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${argumentsOf(value)}`);
  return [
    '# Written by database-operator from the Database object; changes made here are put back.',
    ...lines,
    '',
  ].join('\n');
}

/**
 * Of the memory limit, at most 60 % is data, 10 % what waits for a slow replica, 3 % what a replica may miss without a
 * full copy; the rest is left for pages that change while a fork saves them, for clients and for fragments.
 */
function memorySettings(limit: number | undefined): readonly (readonly [string, string])[] {
  if (limit === undefined) return [['repl-backlog-size', '16mb']];
  const megabytes = (share: number, least: number): string =>
    `${Math.max(least, roundDown(limit * share, MiB) / MiB)}mb`;
  return [
    ['maxmemory', megabytes(dataShare, 1)],
    ['repl-backlog-size', megabytes(0.03, 1)],
    ['client-output-buffer-limit', `replica ${megabytes(0.1, 8)} ${megabytes(0.05, 4)} 60`],
  ];
}

/**
 * Redis confirms a write before any replica has it. All it can do is to stop taking writes once no replica has answered
 * for two seconds: so much may be lost in a failover, and no more.
 */
const syncSettings = ({ spec }: Database): readonly (readonly [string, string])[] =>
  spec.replication?.mode === 'sync' && (spec.replicas ?? 1) > 1
    ? [
        ['min-replicas-to-write', '1'],
        ['min-replicas-max-lag', '2'],
      ]
    : [];

/** Plain words stay several arguments (`save 3600 1 300 100`); anything else is one, quoted. */
function argumentsOf(value: string): string {
  if (/^[A-Za-z0-9_.,:/@%+-]+(?: [A-Za-z0-9_.,:/@%+-]+)*$/.test(value)) return value;
  // eslint-disable-next-line no-control-regex -- they are written as escapes
  const escaped = value.replace(/[\x00-\x1f\x7f"\\]/g, (found) =>
    found === '"' || found === '\\' ? `\\${found}` : `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}
