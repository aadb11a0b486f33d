import { Redis } from 'ioredis';
import { start } from './run.ts';
import type { Session, Target } from './session.ts';

async function connect(target: Target): Promise<Session> {
  const client = new Redis({
    host: target.host,
    port: target.port,
    username: target.username,
    password: target.password,
    connectTimeout: target.timeoutMs,
    commandTimeout: target.timeoutMs,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => client.disconnect());
  try {
    await client.connect();
    const information = String(await client.call('CLIENT', 'INFO'));
    return {
      // The Service's address is rewritten on the way: the server knows its own.
      server: /\bladdr=([^ ]+):\d+/.exec(information)?.[1] ?? '',
      prepare: () => Promise.resolve(),
      write: async (table, n) => {
        await client.sadd(`e2e:${table}`, n);
      },
      numbers: async () => (await client.smembers('e2e:writes')).map(Number),
      close: () => client.disconnect(),
    };
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

await start(connect);
