/** Data that is written, summed up and read through each engine's own client, inside the pod of its server. */
import type { Cluster } from '../cluster.ts';

export interface BackupSubject {
  readonly engine: 'postgresql' | 'mysql' | 'mariadb' | 'redis';
  /** Of the cluster's recipes. */
  readonly recipe: string;
  readonly version: string;
  readonly container: string;
  /** Shell that runs the statement `$4` as user `$2` in database `$3` of host `$1`; the password is its first line of input. */
  readonly client: string;
  /** Statement that makes about 200 MB. */
  readonly fill: string;
  /** Statement that gives one value for all of it. */
  readonly digest: string;
  readonly storage: string;
}

const rows = 650_000;
const keys = 200_000;
const mysqlDigest =
  "SELECT COUNT(*), SUM(id), BIT_XOR(CAST(CONV(SUBSTRING(MD5(CONCAT(id, ':', body)), 1, 15), 16, 10) AS UNSIGNED)) FROM items";
const sqlClient = (binary: string): string =>
  `read -r MYSQL_PWD; export MYSQL_PWD; exec ${binary} -h "$1" -u "$2" -BN "$3" -e "$4"`;

export const subjects: readonly BackupSubject[] = [
  {
    engine: 'postgresql',
    recipe: 'postgres-17',
    version: '17',
    container: 'postgresql',
    client: 'read -r PGPASSWORD; export PGPASSWORD; exec psql -qAtX -v ON_ERROR_STOP=1 -h "$1" -U "$2" -d "$3" -c "$4"',
    fill: `CREATE TABLE items (id bigint PRIMARY KEY, body text); INSERT INTO items SELECT n, repeat(md5(n::text), 8) FROM generate_series(1, ${rows}) n; CREATE VIEW big AS SELECT id FROM items WHERE id > 100`,
    digest: "SELECT count(*) || ' ' || md5(string_agg(md5(id || ':' || body), '' ORDER BY id)) FROM items",
    storage: '3Gi',
  },
  {
    engine: 'mysql',
    recipe: 'mysql-8.0',
    version: '8.0',
    container: 'mysql',
    client: sqlClient('mysql'),
    fill: `CREATE TABLE items (id bigint PRIMARY KEY, body text); SET SESSION cte_max_recursion_depth = ${rows + 1}; INSERT INTO items WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < ${rows}) SELECT n, REPEAT(MD5(n), 8) FROM g`,
    digest: mysqlDigest,
    storage: '3Gi',
  },
  {
    engine: 'mariadb',
    recipe: 'mariadb-11.8',
    version: '11.8',
    container: 'mariadb',
    client: sqlClient('mariadb'),
    fill: `CREATE TABLE items (id bigint PRIMARY KEY, body text); INSERT INTO items SELECT seq, REPEAT(MD5(seq), 8) FROM seq_1_to_${rows}`,
    digest: mysqlDigest,
    storage: '3Gi',
  },
  {
    engine: 'redis',
    recipe: 'redis-8.0',
    version: '8.0',
    container: 'redis',
    client:
      'read -r REDISCLI_AUTH; export REDISCLI_AUTH; exec redis-cli -h "$1" --user "$2" --no-auth-warning EVAL "$4" 0',
    fill: `for i = 1, ${keys} do redis.call('SET', 'item:' .. i, string.rep(redis.sha1hex(i), 25)) end return 'OK'`,
    digest: `local s = '' local n = 0 for i = 1, ${keys} do local v = redis.call('GET', 'item:' .. i) if v then n = n + 1 s = redis.sha1hex(s .. v) end end return n .. ' ' .. s`,
    storage: '2Gi',
  },
];

export interface Place {
  readonly namespace: string;
  readonly database: string;
}

/** Runs a statement over the network as the application's user with what its Secret says now, or with `password`. */
export async function ask(
  cluster: Cluster,
  { container, client }: BackupSubject,
  { namespace, database }: Place,
  statement: string,
  password?: string,
): Promise<string> {
  const secret = await cluster.get('secret', namespace, `${database}-secret`);
  const value = (key: string): string => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
  const host = `${database}-primary.${namespace}.svc.cluster.local`;
  const shell = ['sh', '-c', client, 'sh', host, value('username'), value('database'), statement];
  const args = ['exec', '-i', `${database}-0`, '-c', container, '-n', namespace, '--', ...shell];
  const answer = await cluster.expectKubectl(args, {
    input: `${password ?? value('password')}\n`,
    timeoutMs: 300_000,
  });
  return answer.trim();
}
