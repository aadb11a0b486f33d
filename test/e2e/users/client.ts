/**
 * Talks to databases through their drivers from where pod addresses are reached: `client.ts FILE`, where FILE holds a request
 * as JSON. Answers one line of JSON. Requests come by file so that no password stands on a command line.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface Login {
  readonly engine: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** `say`: each statement by itself, on one connection. `hold`: how long a session lives. `knock`: logs in again and again. */
export type Request =
  | { readonly do: 'say'; readonly login: Login; readonly statements: readonly string[] }
  | { readonly do: 'hold'; readonly login: Login; readonly most: number }
  | { readonly do: 'knock'; readonly file: string; readonly milliseconds: number };

/** Result as JSON text, or the error's words after `!`. */
export type Answer = string;

interface Session {
  say(statement: string): Promise<unknown>;
  onEnd(listener: () => void): void;
  end(): void;
}

async function connect(login: Login): Promise<Session> {
  if (login.engine === 'postgresql') return postgresql(login);
  return login.engine === 'redis' ? redis(login) : mysql(login);
}

async function postgresql({ host, port, username: user, password, database }: Login): Promise<Session> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ host, port, user, password, database, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  return {
    say: async (statement) => (await client.query({ text: statement, rowMode: 'array' })).rows,
    onEnd: (listener) => void client.on('end', listener),
    end: () => void client.end().catch(() => undefined),
  };
}

async function mysql({ host, port, username: user, password, database }: Login): Promise<Session> {
  const { createConnection } = await import('mysql2/promise');
  const client = await createConnection({
    host,
    port,
    user,
    password,
    database,
    connectTimeout: 5_000,
    rowsAsArray: true,
  });
  const listeners: (() => void)[] = [];
  client.on('error', () => listeners.forEach((listener) => listener()));
  return {
    say: async (statement) => {
      const [rows] = await client.query(statement);
      return Array.isArray(rows) ? rows : [];
    },
    onEnd: (listener) => void listeners.push(listener),
    end: () => client.destroy(),
  };
}

async function redis({ host, port, username, password }: Login): Promise<Session> {
  const { Redis } = await import('ioredis');
  const client = new Redis({
    ...{ host, port, username, password, lazyConnect: true, enableReadyCheck: false, connectTimeout: 5_000 },
    ...{ maxRetriesPerRequest: 0, retryStrategy: () => null, enableOfflineQueue: false },
  });
  let fault: Error | undefined;
  client.on('error', (error: Error) => (fault ??= error));
  await client.connect().catch((error: unknown) => {
    throw fault ?? error;
  });
  // The library connects even where the log-in is refused.
  await client.ping();
  return {
    say: (statement) => {
      const [name = '', ...rest] = statement.split(' ');
      return client.call(name, ...rest);
    },
    onEnd: (listener) => void client.on('close', listener),
    end: () => client.disconnect(),
  };
}

const wordsOf = (error: unknown): string => `!${error instanceof Error ? error.message : 'failed'}`;

async function say(login: Login, statements: readonly string[]): Promise<readonly Answer[]> {
  const session = await connect(login).catch(wordsOf);
  if (typeof session === 'string') return statements.map(() => session);
  const answers: Answer[] = [];
  for (const statement of statements) {
    answers.push(await session.say(statement).then((rows) => JSON.stringify(rows), wordsOf));
  }
  session.end();
  return answers;
}

/** Milliseconds since the epoch when it began and when the server ended it (0: it did not). */
async function hold(login: Login, most: number): Promise<{ began: number; ended: number }> {
  const session = await connect(login);
  const began = Date.now();
  let ended = 0;
  session.onEnd(() => (ended = Date.now()));
  while (ended === 0 && Date.now() - began < most) await delay(50);
  session.end();
  return { began, ended };
}

/** The file is read before each try, as an application reads a mounted Secret. */
async function knock(
  file: string,
  milliseconds: number,
): Promise<{ tries: number; users: readonly string[]; failures: readonly string[] }> {
  let until = Date.now() + milliseconds;
  const failures: string[] = [];
  const users = new Set<string>();
  let tries = 0;
  while (Date.now() < until) {
    const login = JSON.parse(await readFile(file, 'utf8')) as Login;
    tries++;
    const known = users.size;
    users.add(`${login.username} ${login.password.slice(0, 4)}`);
    // Some seconds more as the new one, and it is enough.
    if (known === 1 && users.size === 2) until = Date.now() + 3_000;
    await connect(login).then(
      async (session) => {
        session.end();
        // Whoever waits for it knows that the first credential has been used.
        if (tries === 1) await writeFile(`${file}.began`, '');
      },
      (error: unknown) => failures.push(wordsOf(error)),
    );
    await delay(30);
  }
  return { tries, users: [...users], failures };
}

if (process.argv[1]?.endsWith('client.ts') === true) {
  const request = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as Request;
  const answer =
    request.do === 'say'
      ? await say(request.login, request.statements)
      : request.do === 'hold'
        ? await hold(request.login, request.most)
        : await knock(request.file, request.milliseconds);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
