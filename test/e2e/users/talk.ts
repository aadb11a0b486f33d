/** What the tests of users and tenants ask of databases, by the Secrets that the operator wrote. */
import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repository, type Cluster, type Json } from '../cluster.ts';
import type { Answer, Login, Request } from './client.ts';

export const textOf = (secret: Json | undefined, key: string): string =>
  Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();

export async function loginOf(cluster: Cluster, engine: string, namespace: string, name: string): Promise<Login> {
  const secret = await cluster.get('secret', namespace, name);
  if (secret === undefined) throw new Error(`there is no Secret ${namespace}/${name}`);
  const value = (key: string): string => textOf(secret, key);
  return {
    engine,
    host: value('host'),
    port: Number(value('port')),
    username: value('username'),
    password: value('password'),
    database: value('database'),
  };
}

let count = 0;
const scratch = mkdtemp(path.join(tmpdir(), 'database-operator-users-'));

/** Whole or not at all: somebody may be reading it. */
export async function put(name: string, value: unknown): Promise<string> {
  const file = path.join(await scratch, name);
  await writeFile(`${file}.new`, JSON.stringify(value), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return file;
}

export async function ask<T>(cluster: Cluster, request: Request, timeoutMs = 60_000): Promise<T> {
  const file = await put(`request-${count++}.json`, request);
  const client = path.join(repository, 'test/e2e/users/client.ts');
  const output = await cluster.node([process.execPath, client, file], timeoutMs);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as T;
}

export const say = (cluster: Cluster, login: Login, ...statements: readonly string[]): Promise<readonly Answer[]> =>
  ask(cluster, { do: 'say', login, statements });
