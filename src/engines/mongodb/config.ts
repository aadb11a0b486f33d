/**
 * mongod.conf. A parameter with a dot is a path of that file (`operationProfiling.mode`), one without is a server
 * parameter and goes under `setParameter`. MongoDB has no time limit for all statements in its file, so
 * `config.queryTimeout` is not rendered.
 */
import type { Database } from '../../api/types.generated.ts';
import type { OwnedParameter, Sizing } from '../engine.ts';
import { own, userParameters } from '../parameters.ts';
import { GiB } from '../sizes.ts';

export const ownedParameters: readonly OwnedParameter[] = [
  ...own('net.maxIncomingConnections', 'use spec.config.maxConnections'),
  ...own(
    'net.port net.bindIp net.bindIpAll net.ipv6 net.unixDomainSocket.*',
    'Services and their port are fixed; remove it',
  ),
  ...own('net.tls.* net.ssl.*', 'use spec.tls.certificateSecret'),
  ...own(
    'storage.dbPath systemLog.* processManagement.*',
    'where files lie and how it runs is fixed by the pod; remove it',
  ),
  ...own(
    'security.* setParameter.enableLocalhostAuthBypass enableLocalhostAuthBypass',
    'it would open the server; remove it',
  ),
  ...own('replication.* sharding.*', 'replication is set up by the operator: use spec.replicas and spec.replication'),
];

/** Paths are case-sensitive. */
export const parameterName = (name: string): string => name;

const form = /^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*$/;
/** The least that WiredTiger takes, which is the baseline too. */
const leastCache = GiB / 4;

type Tree = Map<string, Tree | string>;

export function renderConfig(database: Database, sizing: Sizing): string {
  const { config } = database.spec;
  const settings = new Map([
    ['net.port', '27017'],
    ['net.bindIpAll', 'true'],
    ...(config?.maxConnections === undefined
      ? []
      : [['net.maxIncomingConnections', String(config.maxConnections)] as const]),
    ['storage.dbPath', '/data/db'],
    ['storage.wiredTiger.engineConfig.cacheSizeGB', cacheSize(sizing.memoryBytes)],
  ]);
  const users = userParameters({ ownedParameters, parameterName }, config?.parameters, form);
  for (const [name, value] of users) settings.set(name.includes('.') ? name : `setParameter.${name}`, value);
  const tree: Tree = new Map();
  for (const [path, value] of [...settings].sort(([a], [b]) => (a < b ? -1 : 1))) place(tree, path.split('.'), value);
  return [
    '# Written by database-operator from the Database object; changes made here are put back.',
    ...renderTree(tree, ''),
    '',
  ].join('\n');
}

/** Half of what is left beside 1 GiB, as the server itself reckons, in GiB with two digits. */
function cacheSize(memory: number | undefined): string {
  const bytes = memory === undefined ? leastCache : Math.max(leastCache, (memory - GiB) / 2);
  return String(Math.floor((bytes / GiB) * 100) / 100);
}

/** A path that runs through a plain value, or ends at a section, is dropped: the first in order stands. */
function place(tree: Tree, [head = '', ...rest]: readonly string[], value: string): void {
  const present = tree.get(head);
  if (rest.length === 0) {
    if (present === undefined) tree.set(head, value);
    return;
  }
  if (typeof present === 'string') return;
  const branch: Tree = present ?? new Map<string, Tree | string>();
  tree.set(head, branch);
  place(branch, rest, value);
}

const renderTree = (tree: Tree, indent: string): string[] =>
  [...tree].flatMap(([key, value]) =>
    typeof value === 'string'
      ? [`${indent}${key}: ${scalar(value)}`]
      : [`${indent}${key}:`, ...renderTree(value, `${indent}  `)],
  );

/** JSON strings are YAML strings; line ends come out escaped. */
const scalar = (value: string): string =>
  /^(?:-?[0-9]{1,15}(?:\.[0-9]{1,15})?|true|false)$/.test(value) ? value : JSON.stringify(value);
