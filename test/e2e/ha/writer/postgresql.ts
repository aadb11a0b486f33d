import { Socket } from 'node:net';
import { Client } from 'pg';
import { start } from './run.ts';
import type { Session, Target } from './session.ts';

async function connect(target: Target): Promise<Session> {
  const socket = new Socket();
  const client = new Client({
    host: target.host,
    port: target.port,
    user: target.username,
    password: target.password,
    database: target.database,
    connectionTimeoutMillis: target.timeoutMs,
    query_timeout: target.timeoutMs,
    stream: () => socket,
  });
  client.on('error', () => socket.destroy());
  try {
    await client.connect();
    const answer = await client.query<{ server: string }>('select host(inet_server_addr()) as server');
    return {
      server: answer.rows[0]?.server ?? '',
      prepare: async () => {
        await client.query('create table if not exists e2e_writes (n bigint primary key)');
        await client.query('create table if not exists e2e_members (n bigint)');
      },
      write: async (table, n) => {
        await client.query(`insert into e2e_${table} values ($1)`, [n]);
      },
      numbers: async () => {
        const { rows } = await client.query<{ n: string }>('select n from e2e_writes');
        return rows.map(({ n }) => Number(n));
      },
      close: () => void socket.destroy(),
    };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

await start(connect);
