/** How a pod of MySQL or MariaDB is run: its container, probes, exporter and scripts. */
import type { Database } from '../../api/types.generated.ts';
import { applicationDatabase, applicationUser } from '../application.ts';
import type { Engine, EngineRuntime, Exporter, PodParts, RemoteMember, TopologyDriver } from '../engine.ts';
import { scriptsDirectory } from '../mounts.ts';
import type { Dialect } from './boot.ts';
import { mysqlFamilyBackup, type BackupWords } from './backup.ts';
import { clientScript } from './client.ts';
import { monitorUser, port, socketDirectory, volumeDirectory } from './paths.ts';
import { queries } from './queries.ts';
import { scripts, type ProbeWords } from './scripts.ts';
import { mysqlFamilyUsers, type UserWords } from './users.ts';

/** What the engine's own table (index.ts) says. */
type Table = Pick<Engine, 'name' | 'image' | 'databaseIdentifier' | 'userIdentifier'>;

export interface Flavour {
  readonly dialect: Dialect;
  readonly probes: ProbeWords;
  readonly backup: BackupWords;
  readonly topology: TopologyDriver;
  readonly users: UserWords;
}

/** uid and gid of the user `mysql` in the public images of both. */
const serverUser = 999;
/** Of prometheus' mysqld_exporter. */
const exporterPort = 9104;

export function mysqlFamilyRuntime(table: Table, flavour: Flavour): EngineRuntime {
  const podParts = (database: Database): PodParts => ({
    image: database.spec.image ?? table.image(database.spec.version ?? ''),
    containerName: table.name,
    command: ['sh', `${scriptsDirectory}/boot.sh`],
    env: environment(database, table),
    dataMountPath: volumeDirectory,
    scratch: [{ name: 'sockets', mountPath: socketDirectory, memory: true }],
    ...probes,
    runAsUser: serverUser,
    terminationGracePeriodSeconds: 120,
  });
  return {
    podParts,
    scripts: (database) => scripts(database, flavour.dialect, flavour.probes),
    exporter,
    queries,
    clientScript: (who) => clientScript(flavour.backup.dump.client, who),
    // LOCAL: not for replicas, each of which is asked itself.
    flush: ['--execute', 'FLUSH LOCAL ENGINE LOGS; FLUSH LOCAL BINARY LOGS'],
    backup: mysqlFamilyBackup(flavour.backup),
    topology: flavour.topology,
    users: mysqlFamilyUsers(flavour.users, table.name),
  };
}

const script = (name: string): Readonly<Record<string, unknown>> => ({
  exec: { command: ['sh', `${scriptsDirectory}/${name}`] },
});

const probes = {
  startupProbe: { ...script('live.sh'), periodSeconds: 2, timeoutSeconds: 10, failureThreshold: 1800 },
  readinessProbe: { ...script('ready.sh'), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
  livenessProbe: { ...script('live.sh'), periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
};

function environment(database: Database, table: Table): Readonly<Record<string, unknown>>[] {
  return [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'HEADLESS_SERVICE', value: `${database.metadata.name}-headless` },
    { name: 'APP_DATABASE', value: applicationDatabase(database, table) },
    { name: 'APP_USER', value: applicationUser(database, table) },
  ];
}

/** It takes its password from the environment or from an option file, and only the first can be made of a Secret. */
const exporter = ({ metadata }: Database, member?: RemoteMember): Exporter => ({
  image: 'prom/mysqld-exporter:v0.17.2',
  port: member?.listenPort ?? exporterPort,
  env: [
    {
      name: 'MYSQLD_EXPORTER_PASSWORD',
      valueFrom: { secretKeyRef: { name: `${metadata.name}-internal`, key: 'monitor-password' } },
    },
  ],
  args: [
    `--mysqld.address=${member?.host ?? '127.0.0.1'}:${port}`,
    `--mysqld.username=${monitorUser}`,
    ...(member ? [`--web.listen-address=:${member.listenPort}`] : []),
  ],
});
