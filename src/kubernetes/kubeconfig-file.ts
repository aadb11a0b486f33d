/** Kubeconfig files: several are merged as kubectl does (the first that has a name wins), paths are relative to their file. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

export interface Cluster {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
}
export interface User {
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  exec?: { command?: string };
  'auth-provider'?: unknown;
  as?: string;
}
interface Context {
  cluster?: string;
  user?: string;
  namespace?: string;
}
interface File {
  'current-context'?: string;
  clusters?: { name: string; cluster?: Cluster }[] | null;
  users?: { name: string; user?: User }[] | null;
  contexts?: { name: string; context?: Context }[] | null;
}

/** What one context of the merged files says. */
export interface Selected {
  readonly name: string;
  readonly cluster: Cluster;
  readonly user: User;
  readonly context: Context;
}

const pathFields = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'] as const;

function withAbsolutePaths<T extends Cluster | User>(entry: T, directory: string): T {
  const copy: Record<string, unknown> = { ...entry };
  for (const field of pathFields) {
    const value = copy[field];
    if (typeof value === 'string' && value !== '') copy[field] = resolve(directory, value);
  }
  const exec = copy['exec'] as User['exec'];
  // As client-go: a plugin named with a path is relative to the file, a bare name is looked up in PATH.
  if (exec?.command?.includes('/') === true) copy['exec'] = { ...exec, command: resolve(directory, exec.command) };
  return copy as T;
}

async function readKubeconfig(path: string): Promise<{ file: File; directory: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`kubeconfig ${path} can't be read; check --kubeconfig or KUBECONFIG`, { cause: error });
  }
  // The parser's own message quotes the file, which has keys and tokens in it.
  let file: unknown;
  try {
    file = parse(text);
  } catch {
    throw new Error(`kubeconfig ${path} is not valid YAML`);
  }
  if (typeof file !== 'object' || file === null) throw new Error(`kubeconfig ${path} is empty or not a mapping`);
  return { file, directory: dirname(resolve(path)) };
}

/** Rejects with what is missing and where to set it. */
export async function selectContext(paths: readonly string[], wanted?: string): Promise<Selected> {
  const files = await Promise.all(paths.map((path) => readKubeconfig(path)));
  const where = paths.join(', ');
  const name = wanted ?? files.map(({ file }) => file['current-context']).find((current) => (current ?? '') !== '');
  if (name === undefined)
    throw new Error(`kubeconfig ${where} has no current-context; set it with kubectl config use-context`);
  const context = files.flatMap(({ file }) => file.contexts ?? []).find((entry) => entry.name === name)?.context;
  if (context === undefined) throw new Error(`kubeconfig ${where} has no context ${JSON.stringify(name)}`);
  const cluster = files
    .flatMap(({ file, directory }) => (file.clusters ?? []).map((entry) => ({ ...entry, directory })))
    .find((entry) => entry.name === context.cluster);
  if (cluster?.cluster?.server === undefined) {
    throw new Error(`kubeconfig ${where}: context ${JSON.stringify(name)} names a cluster without a server`);
  }
  const user = files
    .flatMap(({ file, directory }) => (file.users ?? []).map((entry) => ({ ...entry, directory })))
    .find((entry) => entry.name === context.user);
  return {
    name,
    context,
    cluster: withAbsolutePaths(cluster.cluster, cluster.directory),
    user: user === undefined ? {} : withAbsolutePaths(user.user ?? {}, user.directory),
  };
}
