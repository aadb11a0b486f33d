/** How a Redis pod is run: its container, probes, exporter and scripts. */
import type { Database } from '../../api/types.generated.ts';
import { applicationUser } from '../application.ts';
import type { Engine, EngineRuntime, Exporter, PodParts, RemoteMember } from '../engine.ts';
import { scriptsDirectory } from '../mounts.ts';
import { redisBackup } from './backup.ts';
import { clientScript } from './client.ts';
import { exporterDirectory, monitorUser, port, stateDirectory, volumeDirectory } from './paths.ts';
import { queries } from './queries.ts';
import { liveCommand, readyCommand, scripts } from './scripts.ts';
import { topology } from './topology.ts';
import { redisUsers } from './users.ts';

/** What the engine's own table (index.ts) says. */
type Table = Pick<Engine, 'image' | 'userIdentifier'>;

export function redisRuntime(table: Table): EngineRuntime {
  const podParts = (database: Database): PodParts => ({
    image: database.spec.image ?? table.image(database.spec.version ?? ''),
    containerName: 'redis',
    command: ['sh', `${scriptsDirectory}/boot.sh`],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'HEADLESS_SERVICE', value: `${database.metadata.name}-headless` },
      { name: 'APP_USER', value: applicationUser(database, table) },
      // The server looks up its primary's name in the thread that serves clients: a DNS that is away must not hold it up.
      { name: 'RES_OPTIONS', value: 'timeout:1 attempts:1' },
    ],
    dataMountPath: volumeDirectory,
    scratch: [
      { name: 'state', mountPath: stateDirectory, memory: true },
      { name: exporterScratch, mountPath: exporterDirectory, memory: true },
    ],
    ...probes,
    runAsUser: serverUser(database.spec.image ?? ''),
    terminationGracePeriodSeconds: 120,
  });
  return {
    podParts,
    scripts,
    exporter,
    queries,
    backup: redisBackup,
    clientScript,
    // From 7.2 on; before that at most a second's writes are still on their way to the disk (appendfsync everysec).
    flush: ['WAITAOF', '1', '0', '30000'],
    topology,
    users: redisUsers(),
  };
}

const exporterScratch = 'exporter';
const exporterPort = 9121;

/** uid and gid of the user `redis` in the public image: 999 in Debian's and in Alpine's. Bitnami's images run as 1001. */
const serverUser = (image: string): number => (/(?:^|\/)bitnami(?:legacy)?\//.test(image) ? 1001 : 999);

/** Loading may take long and counts as alive; it is not ready until it is through. */
const probes = {
  startupProbe: { exec: { command: liveCommand }, periodSeconds: 2, timeoutSeconds: 10, failureThreshold: 1800 },
  readinessProbe: { exec: { command: readyCommand }, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 3 },
  livenessProbe: { exec: { command: liveCommand }, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
};

/**
 * Beside the server it takes the password from a file, in a form of its own (JSON by address) that the boot script writes;
 * elsewhere from its environment, by reference.
 */
const exporter = ({ metadata }: Database, member?: RemoteMember): Exporter => {
  const common = [
    { name: 'REDIS_USER', value: monitorUser },
    // CONFIG shows passwords, so its user may not ask for it.
    { name: 'REDIS_EXPORTER_CONFIG_COMMAND', value: '-' },
    { name: 'REDIS_EXPORTER_SET_CLIENT_NAME', value: 'false' },
  ];
  const image = 'oliver006/redis_exporter:v1.69.0';
  if (member === undefined) {
    const file = { name: 'REDIS_PASSWORD_FILE', value: `${exporterDirectory}/passwords` };
    const env = [{ name: 'REDIS_ADDR', value: `redis://127.0.0.1:${port}` }, ...common, file];
    return { image, port: exporterPort, env, args: [], scratch: exporterScratch };
  }
  const secretKeyRef = { name: `${metadata.name}-internal`, key: 'monitor-password' };
  return {
    image,
    port: member.listenPort,
    env: [
      { name: 'REDIS_ADDR', value: `redis://${member.host}:${port}` },
      ...common,
      { name: 'REDIS_PASSWORD', valueFrom: { secretKeyRef } },
    ],
    args: [`--web.listen-address=:${member.listenPort}`],
  };
};
