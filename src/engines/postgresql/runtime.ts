/** How a PostgreSQL pod is run: its container, probes, exporter and scripts. */
import type { Database } from '../../api/types.generated.ts';
import { credentialsDirectory, scriptsDirectory } from '../mounts.ts';
import { applicationDatabase, applicationUser } from '../application.ts';
import type { Engine, EngineRuntime, Exporter, PodParts, RemoteMember } from '../engine.ts';
import { postgresqlBackup } from './backup.ts';
import { clientScript } from './client.ts';
import { dataDirectory, monitorRole, socketDirectory, volumeDirectory } from './paths.ts';
import { queries } from './queries.ts';
import { scripts } from './scripts.ts';
import { postgresqlTopology } from './topology.ts';
import { postgresqlUsers } from './users.ts';

/** Port of prometheus-community's postgres_exporter. */
const exporterPort = 9187;

/** uid and gid of the user `postgres` in the public image: Alpine's packages have another than Debian's. */
export function serverUser(image: string): number {
  const [name = ''] = image.slice(image.lastIndexOf('/') + 1).split('@', 1);
  const tag = name.indexOf(':');
  return tag >= 0 && name.includes('alpine', tag) ? 70 : 999;
}

const script = (name: string): Readonly<Record<string, unknown>> => ({
  exec: { command: ['sh', `${scriptsDirectory}/${name}`] },
});

/** What the engine's own table (index.ts) says. */
type Table = Pick<Engine, 'image' | 'databaseIdentifier' | 'userIdentifier'>;

export function postgresqlRuntime(table: Table): EngineRuntime {
  const podParts = (database: Database): PodParts => {
    const image = database.spec.image ?? table.image(database.spec.version ?? '');
    return {
      image,
      containerName: 'postgresql',
      command: ['sh', `${scriptsDirectory}/boot.sh`],
      env: environment(database, table),
      dataMountPath: volumeDirectory,
      scratch: [
        { name: 'sockets', mountPath: socketDirectory },
        // The runtime gives 64 MB; parallel queries need more. Counted against the memory limit.
        { name: 'shared-memory', mountPath: '/dev/shm', memory: true },
      ],
      ...probes,
      runAsUser: serverUser(image),
      terminationGracePeriodSeconds: 120,
    };
  };
  return {
    podParts,
    scripts,
    exporter,
    queries,
    backup: postgresqlBackup,
    clientScript,
    // A standby makes a restart point of it.
    flush: ['-XAtqc', 'CHECKPOINT'],
    topology: postgresqlTopology(),
    users: postgresqlUsers(),
  };
}

/** Recovery after a crash may take long: the startup probe allows an hour, and cloning counts as started. */
const probes = {
  startupProbe: { ...script('live.sh'), periodSeconds: 2, timeoutSeconds: 10, failureThreshold: 1800 },
  readinessProbe: { ...script('ready.sh'), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
  livenessProbe: { ...script('live.sh'), periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
};

function environment(database: Database, table: Table): Readonly<Record<string, unknown>>[] {
  const { name } = database.metadata;
  return [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'HEADLESS_SERVICE', value: `${name}-headless` },
    { name: 'APP_DATABASE', value: applicationDatabase(database, table) },
    { name: 'APP_USER', value: applicationUser(database, table) },
    // So that psql in the container asks for nothing.
    { name: 'PGDATA', value: dataDirectory },
    { name: 'PGHOST', value: socketDirectory },
    { name: 'PGUSER', value: 'postgres' },
  ];
}

const exporter = (_database: Database, member?: RemoteMember): Exporter => ({
  image: 'quay.io/prometheuscommunity/postgres-exporter:v0.17.1',
  port: member?.listenPort ?? exporterPort,
  env: [
    { name: 'DATA_SOURCE_URI', value: `${member?.host ?? '127.0.0.1'}:5432/postgres?sslmode=disable` },
    { name: 'DATA_SOURCE_USER', value: monitorRole },
    { name: 'DATA_SOURCE_PASS_FILE', value: `${credentialsDirectory}/monitor-password` },
  ],
  // Not among those that it has by default: since when it runs, whether a replica receives, how long transactions last.
  args: [
    '--collector.postmaster',
    '--collector.stat_wal_receiver',
    '--collector.database_wraparound',
    ...(member ? [`--web.listen-address=:${member.listenPort}`] : []),
  ],
});
