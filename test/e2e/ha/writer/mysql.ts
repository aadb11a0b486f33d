/** MySQL and MariaDB. */
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { start } from './run.ts';
import type { Session, Target } from './session.ts';

async function connect(target: Target): Promise<Session> {
  const { timeoutMs } = target;
  const connection = await createConnection({
    host: target.host,
    port: target.port,
    user: target.username,
    password: target.password,
    database: target.database,
    connectTimeout: timeoutMs,
  });
  connection.on('error', () => connection.destroy());
  const query = async <T>(sql: string): Promise<readonly T[]> => {
    const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: timeoutMs });
    return rows as readonly unknown[] as readonly T[];
  };
  try {
    const [row] = await query<{ server: string }>('select @@hostname as server');
    return {
      server: row?.server ?? '',
      prepare: async () => {
        await query('create table if not exists e2e_writes (n bigint primary key)');
        await query('create table if not exists e2e_members (n bigint not null, k bigint auto_increment primary key)');
      },
      write: async (table, n) => {
        await query(`insert into e2e_${table} (n) values (${n})`);
      },
      numbers: async () => (await query<{ n: number }>('select n from e2e_writes')).map(({ n }) => n),
      close: () => connection.destroy(),
    };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

await start(connect);
