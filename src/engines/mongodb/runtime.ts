/** How a MongoDB pod is run: its container, probes, exporter and scripts. */
import type { Database } from '../../api/types.generated.ts';
import { applicationDatabase, applicationUser } from '../application.ts';
import type { Engine, EngineRuntime, Exporter, PodParts, RemoteMember } from '../engine.ts';
import { scriptsDirectory } from '../mounts.ts';
import { mongodbBackup } from './backup.ts';
import { bootScript } from './boot.ts';
import { clientScript } from './client.ts';
import { monitorUser, port, stateDirectory, volumeDirectory } from './paths.ts';
import { queries } from './queries.ts';
import { shellScripts } from './shell-scripts.ts';
import { topology } from './topology.ts';
import { mongodbUsers } from './users.ts';

/** What the engine's own table (index.ts) says. */
type Table = Pick<Engine, 'image' | 'databaseIdentifier' | 'userIdentifier'>;

const files: Readonly<Record<string, string>> = { 'boot.sh': bootScript(), ...shellScripts };

export function mongodbRuntime(table: Table): EngineRuntime {
  const podParts = (database: Database): PodParts => ({
    image: database.spec.image ?? table.image(database.spec.version ?? ''),
    containerName: 'mongodb',
    command: ['sh', `${scriptsDirectory}/boot.sh`],
    env: environment(database, table),
    dataMountPath: volumeDirectory,
    scratch: [{ name: 'state', mountPath: stateDirectory, memory: true }],
    ...probes,
    runAsUser: serverUser(database.spec.image ?? ''),
    terminationGracePeriodSeconds: 120,
  });
  return {
    podParts,
    scripts: () => files,
    exporter,
    queries,
    clientScript,
    flush: ['--eval', 'db.adminCommand({ fsync: 1 })'],
    backup: mongodbBackup(),
    topology,
    users: mongodbUsers(),
  };
}

const environment = (database: Database, table: Table): Readonly<Record<string, unknown>>[] => [
  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
  { name: 'HEADLESS_SERVICE', value: `${database.metadata.name}-headless` },
  { name: 'REPLICA_SET', value: database.metadata.name },
  { name: 'APP_DATABASE', value: applicationDatabase(database, table) },
  { name: 'APP_USER', value: applicationUser(database, table) },
];

/** uid and gid of the server's user: 999 in the Docker library's images, 998 in MongoDB's own, 1001 in Bitnami's. */
function serverUser(image: string): number {
  if (/(?:^|\/)bitnami(?:legacy)?\//.test(image)) return 1001;
  return /(?:^|\/)mongodb-(?:community|enterprise)-server/.test(image) ? 998 : 999;
}

const script = (name: string): Readonly<Record<string, unknown>> => ({
  exec: { command: ['sh', `${scriptsDirectory}/${name}`] },
});

/** The shell takes a second of CPU to start: it is asked seldom. Recovery and the first copy may take long. */
const probes = {
  startupProbe: { ...script('live.sh'), periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 720 },
  readinessProbe: { ...script('ready.sh'), periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 3 },
  livenessProbe: { ...script('live.sh'), periodSeconds: 30, timeoutSeconds: 15, failureThreshold: 4 },
};

/** It takes its password from an address or from the environment only: it stands in the exporter's own, by reference. */
const exporter = ({ metadata }: Database, member?: RemoteMember): Exporter => ({
  image: 'percona/mongodb_exporter:0.43.1',
  port: member?.listenPort ?? 9216,
  env: [
    { name: 'MONGODB_USER', value: monitorUser },
    {
      name: 'MONGODB_PASSWORD',
      valueFrom: { secretKeyRef: { name: `${metadata.name}-internal`, key: 'monitor-password' } },
    },
  ],
  args: [
    `--mongodb.uri=mongodb://${member?.host ?? '127.0.0.1'}:${port}/admin?directConnection=true`,
    '--collector.diagnosticdata',
    '--collector.replicasetstatus',
    ...(member ? [`--web.listen-address=:${member.listenPort}`] : []),
  ],
});
