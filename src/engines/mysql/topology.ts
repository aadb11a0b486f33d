/** MySQL's statements for asking and steering a member. The words changed in 8.0.22 to 8.0.26; 8.4 knows the new only. */
import { text, versionNumber, type Row, type Server } from '../mysql-family/connection.ts';
import { topologyDriver, type Speech } from '../mysql-family/member.ts';
import { replicationUser } from '../mysql-family/paths.ts';
import { replicaStatus } from '../mysql-family/replica-status.ts';
import { compareGtidSets, formatGtidSet, parseGtidSet, subtract, unite } from './gtid-set.ts';

const isNew = (server: Server, since: number): boolean => versionNumber(server.version) >= since;

/** In the server's own words. */
const replica = (server: Server): string => (isNew(server, 80_022) ? 'REPLICA' : 'SLAVE');
const semiSync = (server: Server): { enabled: string; wait: string } =>
  isNew(server, 80_026)
    ? { enabled: 'rpl_semi_sync_source_enabled', wait: 'rpl_semi_sync_source_wait_no_replica' }
    : { enabled: 'rpl_semi_sync_master_enabled', wait: 'rpl_semi_sync_master_wait_no_slave' };

const one = async (server: Server, expression: string): Promise<string> => {
  const [row]: readonly Row[] = await server.ask(`SELECT ${expression} AS value`);
  return text(row, 'value');
};

const status: Speech['status'] = async (server) =>
  replicaStatus((await server.ask(`SHOW ${replica(server)} STATUS`))[0]);

const executed = (server: Server): Promise<string> => one(server, '@@GLOBAL.gtid_executed');

const stopReceiving: Speech['stopReceiving'] = async (server) => {
  await server.ask(`STOP ${replica(server)} IO_THREAD`);
};

export const speech: Speech = {
  comparePositions: (a, b) => compareGtidSets(parseGtidSet(a), parseGtidSet(b)),
  status,
  isWritable: async (server) => (await one(server, '@@GLOBAL.super_read_only')) === '0',
  position: async (server, known) =>
    formatGtidSet(unite(parseGtidSet(await executed(server)), parseGtidSet(known?.retrieved ?? ''))),
  surplus: (mine, theirs) => formatGtidSet(subtract(parseGtidSet(mine), parseGtidSet(theirs))) || undefined,
  drain: async (server, seconds) => {
    const word = replica(server);
    await stopReceiving(server);
    const now = await status(server);
    if (now === undefined) return;
    const missing = subtract(parseGtidSet(now.retrieved), parseGtidSet(await executed(server)));
    if (missing.size === 0) return;
    if (!now.sqlRunning) await server.ask(`START ${word} SQL_THREAD`);
    const [row] = await server.ask('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS late', [now.retrieved, seconds]);
    if (text(row, 'late') !== '0') throw new Error(`still applying what it has received: ${formatGtidSet(missing)}`);
  },
  stopReceiving,
  forgetSource: async (server) => {
    await server.ask(`STOP ${replica(server)}`);
    await server.ask(`RESET ${replica(server)} ALL`);
  },
  becomeWritable: async (server) => {
    const { enabled, wait } = semiSync(server);
    // The boot script keeps that variable as the mark of synchronous replication. Before the first write, not after.
    await server.ask(`SET GLOBAL ${enabled} = @@GLOBAL.${wait}`);
    await server.ask('SET GLOBAL super_read_only = OFF');
    await server.ask('SET GLOBAL read_only = OFF');
  },
  becomeReadOnly: async (server) => {
    await server.ask('SET GLOBAL super_read_only = ON');
  },
  point: async (server, host, { port, replicationPassword }) => {
    await server.ask(`STOP ${replica(server)}`);
    // A replica that waited for confirmations would stop applying.
    await server.ask(`SET GLOBAL ${semiSync(server).enabled} = OFF`);
    // Without a key of the source its password plug-in needs TLS, which is not set up.
    const key = isNew(server, 80_000) ? ', GET_MASTER_PUBLIC_KEY = 1' : '';
    const statement = `CHANGE MASTER TO MASTER_HOST = ?, MASTER_PORT = ?, MASTER_USER = ?, MASTER_PASSWORD = ?,
      MASTER_AUTO_POSITION = 1, MASTER_CONNECT_RETRY = 1, MASTER_RETRY_COUNT = 0, MASTER_HEARTBEAT_PERIOD = 1${key}`;
    await server.ask(
      isNew(server, 80_023)
        ? statement.replace('CHANGE MASTER', 'CHANGE REPLICATION SOURCE').replaceAll('MASTER_', 'SOURCE_')
        : statement,
      [host, port, replicationUser, replicationPassword],
    );
  },
  start: async (server) => {
    await server.ask(`START ${replica(server)}`);
  },
};

export const topology = topologyDriver(speech);
