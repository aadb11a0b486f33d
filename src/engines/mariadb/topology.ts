/** MariaDB's statements for asking and steering a member; the same in every release from 10.3. */
import { text, type Server } from '../mysql-family/connection.ts';
import { topologyDriver, type Speech } from '../mysql-family/member.ts';
import { replicationUser } from '../mysql-family/paths.ts';
import { replicaStatus } from '../mysql-family/replica-status.ts';
import { beyond, compareGtidStates, formatGtidState, parseGtidState } from './gtid-state.ts';

const one = async (server: Server, expression: string): Promise<string> => {
  const [row] = await server.ask(`SELECT ${expression} AS value`);
  return text(row, 'value');
};

const status: Speech['status'] = async (server) => replicaStatus((await server.ask('SHOW SLAVE STATUS'))[0]);

/** It became a list of modes in 12; all but the first take writes away. */
const isOff = (value: string): boolean => value === '0' || value === 'OFF';

const stopReceiving: Speech['stopReceiving'] = async (server) => {
  await server.ask('STOP SLAVE IO_THREAD');
};

export const speech: Speech = {
  comparePositions: (a, b) => compareGtidStates(parseGtidState(a), parseGtidState(b)),
  status,
  isWritable: async (server) => isOff(await one(server, '@@GLOBAL.read_only')),
  position: async (server, known) => {
    const written = await one(server, '@@GLOBAL.gtid_binlog_state');
    const applied = await one(server, '@@GLOBAL.gtid_slave_pos');
    return formatGtidState(parseGtidState(written, applied, known?.ioPosition ?? ''));
  },
  surplus: (mine, theirs) => formatGtidState(beyond(parseGtidState(mine), parseGtidState(theirs))) || undefined,
  drain: async (server, seconds) => {
    await stopReceiving(server);
    const now = await status(server);
    if (now === undefined || now.ioPosition === '') return;
    if (!now.sqlRunning) await server.ask('START SLAVE SQL_THREAD');
    const [row] = await server.ask('SELECT MASTER_GTID_WAIT(?, ?) AS late', [now.ioPosition, seconds]);
    if (text(row, 'late') !== '0') throw new Error(`still applying what it has received, up to ${now.ioPosition}`);
  },
  stopReceiving,
  forgetSource: async (server) => {
    await server.ask('STOP SLAVE');
    await server.ask('RESET SLAVE ALL');
  },
  becomeWritable: async (server) => {
    // The boot script keeps that variable as the mark of synchronous replication. Before the first write, not after.
    await server.ask('SET GLOBAL rpl_semi_sync_master_enabled = @@GLOBAL.rpl_semi_sync_master_wait_no_slave');
    await server.ask('SET GLOBAL read_only = OFF');
  },
  becomeReadOnly: async (server) => {
    await server.ask('SET GLOBAL read_only = ON');
  },
  point: async (server, host, { port, replicationPassword }) => {
    await server.ask('STOP SLAVE');
    // A replica that waited for confirmations would stop applying.
    await server.ask('SET GLOBAL rpl_semi_sync_master_enabled = OFF');
    await server.ask('SET GLOBAL rpl_semi_sync_slave_enabled = @@GLOBAL.rpl_semi_sync_master_wait_no_slave');
    // What it wrote itself as a primary is in its log and not in its position as a replica.
    const written = await one(server, '@@GLOBAL.gtid_binlog_pos');
    const applied = await one(server, '@@GLOBAL.gtid_slave_pos');
    if (sequence(written) > sequence(applied)) await server.ask('SET GLOBAL gtid_slave_pos = ?', [written]);
    await server.ask(
      `CHANGE MASTER TO MASTER_HOST = ?, MASTER_PORT = ?, MASTER_USER = ?, MASTER_PASSWORD = ?,
        MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1`,
      [host, port, replicationUser, replicationPassword],
    );
  },
  start: async (server) => {
    await server.ask('START SLAVE');
  },
};

/** There is one domain. */
const sequence = (position: string): number => Math.max(0, ...parseGtidState(position).values());

export const topology = topologyDriver(speech);
