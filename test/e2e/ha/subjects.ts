/** The engines as the tests run them: images, process, settings, and a second tag of each image. */
import type { EngineName } from '../../../src/engines/engine.ts';

type Parameters = Readonly<Record<string, number | string>>;

export interface Subject {
  readonly engine: Exclude<EngineName, 'mongodb'>;
  readonly driver: 'postgresql' | 'mysql' | 'redis';
  /** Of the cluster's recipes. */
  readonly recipe: string;
  readonly version: string;
  readonly image: string;
  /** The same image under the tag of a patch release: it proves the order of a minor upgrade, not the upgrade. */
  readonly newer: { readonly version: string; readonly image: string };
  readonly port: number;
  /** Of the server, at most 15 characters as the kernel keeps them. */
  readonly process: string;
  readonly container: string;
  readonly dataPath: string;
  /** A setting that a running server takes over; absent: the engine has none that the operator reloads. */
  readonly reloads?: Parameters;
  readonly restarts: Parameters;
  /** A server with this does not start. */
  readonly wontStart: Parameters;
  /** It can promise that an acknowledged write is on two members. */
  readonly sync: boolean;
}

export const subjects: readonly Subject[] = [
  {
    engine: 'postgresql',
    driver: 'postgresql',
    recipe: 'postgres-17',
    version: '17',
    image: 'postgres:17',
    newer: { version: '17.6', image: 'postgres:17.6' },
    port: 5432,
    process: 'postgres',
    container: 'postgresql',
    dataPath: '/var/lib/postgresql/data',
    reloads: { work_mem: '9MB' },
    restarts: { max_worker_processes: 12 },
    wontStart: { shared_preload_libraries: 'no_such_library' },
    sync: true,
  },
  {
    engine: 'redis',
    driver: 'redis',
    recipe: 'redis-8.0',
    version: '8.0',
    image: 'redis:8.0',
    newer: { version: '8.0.2', image: 'redis:8.0.2' },
    port: 6379,
    process: 'redis-server',
    container: 'redis',
    dataPath: '/data',
    restarts: { databases: 20 },
    wontStart: { 'no-such-directive': 'yes' },
    sync: false,
  },
  {
    engine: 'mysql',
    driver: 'mysql',
    recipe: 'mysql-8.0',
    version: '8.0',
    image: 'mysql:8.0',
    newer: { version: '8.0.33', image: 'mysql:8.0.33' },
    port: 3306,
    process: 'mysqld',
    container: 'mysql',
    dataPath: '/var/lib/mysql',
    restarts: { innodb_read_io_threads: 5 },
    wontStart: { no_such_variable: 1 },
    sync: true,
  },
  {
    engine: 'mariadb',
    driver: 'mysql',
    recipe: 'mariadb-11.8',
    version: '11.8',
    image: 'mariadb:11.8',
    newer: { version: '11.8.3', image: 'mariadb:11.8.3' },
    port: 3306,
    process: 'mariadbd',
    container: 'mariadb',
    dataPath: '/var/lib/mysql',
    restarts: { innodb_read_io_threads: 5 },
    wontStart: { no_such_variable: 1 },
    sync: true,
  },
];

/** `E2E_ENGINE=redis,mysql` and `E2E_EVENT=kill`: what `--engine` and `--event` of run.ts leave of the tables. */
export const chosen = (variable: 'E2E_ENGINE' | 'E2E_EVENT', name: string): boolean => {
  const names = (process.env[variable] ?? '').split(',').filter(Boolean);
  return names.length === 0 || names.includes(name);
};

export const runs = Number(process.env['E2E_RUNS'] ?? '1');
