/**
 * The cluster that end-to-end tests run on: whatever KUBECONFIG names, else the single-node one that stands beside the
 * repository. Commands run as child processes; output of a failed one is in the error.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

export const repository = path.resolve(import.meta.dirname, '../..');
const tool = path.resolve(repository, '../shared/cluster/cluster');

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Runs a command; a non-zero exit is a value, a command that can't be started or runs out of time is an error. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = execFile(
      command,
      args,
      { maxBuffer: 64 << 20, timeout: options.timeoutMs ?? 120_000, cwd: repository },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(new Error(`${command} ${args.join(' ')}: ${error?.message ?? ''}\n${stderr}`, { cause: error }));
      },
    );
    child.stdin?.end(options.input ?? '');
  });
}

export interface Cluster {
  readonly kubeconfig: string;
  /** Path of the program, or its name where it is on the PATH. */
  readonly kubectlBinary: string;
  kubectl(args: readonly string[], options?: RunOptions): Promise<Output>;
  /** Like `kubectl`, but a non-zero exit is an error; answers standard output. */
  expectKubectl(args: readonly string[], options?: RunOptions): Promise<string>;
  apply(yaml: string): Promise<Output>;
  /** The object as JSON, undefined when it does not exist. */
  get(kind: string, namespace: string, name: string): Promise<Json | undefined>;
  list(kind: string, namespace: string, selector?: string): Promise<readonly Json[]>;
  /** Runs helm; a non-zero exit is an error; answers standard output. */
  helm(args: readonly string[], options?: RunOptions): Promise<string>;
  /** A command of the cluster's own tool, such as `addon` or `image load`; answers false where there is none. */
  prepare(args: readonly string[]): Promise<boolean>;
  /** Host under which the API server reaches a server that listens on `port` where `inside` leads, else on this machine's 127.0.0.1. */
  readonly host: string;
  /** Runs the command that follows it where pod addresses are reachable; absent on a cluster elsewhere. */
  readonly inside?: readonly [string, ...string[]];
  /** Runs a command there; a non-zero exit is an error; answers standard output. */
  node(command: readonly string[], timeoutMs?: number): Promise<string>;
  /** `kubectl` that goes on, such as `logs -f`: each line is handed over. Answers what ends it. */
  follow(args: readonly string[], onLine: (line: string) => void): () => void;
}

/** Parsed JSON of a Kubernetes object; tests look into it freely. */
export interface Json {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

async function clusterTool(args: readonly string[], timeoutMs: number): Promise<string> {
  const { code, stdout, stderr } = await run(tool, args, { timeoutMs });
  if (code !== 0) throw new Error(`cluster ${args.join(' ')} exited with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** Finds the cluster, starting the one beside the repository when KUBECONFIG is not set. `images` are made there. */
export async function findCluster(images: readonly string[], say: (line: string) => void): Promise<Cluster> {
  const given = process.env['KUBECONFIG'] ?? '';
  const own = existsSync(tool) ? (await clusterTool(['kubeconfig'], 10_000)).trim() : undefined;
  if (given !== '' && given !== own) return connect(given, 'kubectl', false);
  if (own === undefined)
    throw new Error('set KUBECONFIG to a cluster that may be written to: none stands beside the repository');
  say('cluster: starting (the first time builds its binaries, about 20 minutes)');
  await clusterTool(['up'], 3_600_000);
  for (const image of images) {
    say(`cluster: image ${image}`);
    await clusterTool(['image', 'build', image], 900_000);
  }
  const env = await clusterTool(['env'], 10_000);
  const bin = /PATH=([^:]+):/.exec(env)?.[1] ?? '';
  return connect(own, path.join(bin.replaceAll(/["']/g, ''), 'kubectl'), true);
}

/** `beside`: it is the one beside the repository, with a tool of its own. */
function connect(kubeconfig: string, binary: string, beside: boolean): Cluster {
  const kubectl = (args: readonly string[], options?: RunOptions): Promise<Output> =>
    run(binary, ['--kubeconfig', kubeconfig, ...args], options);
  const expectKubectl = async (args: readonly string[], options?: RunOptions): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited with ${code}:\n${stderr}`);
    return stdout;
  };
  return {
    kubeconfig,
    kubectlBinary: binary,
    kubectl,
    expectKubectl,
    apply: (yaml) => kubectl(['apply', '-f', '-'], { input: yaml }),
    get: async (kind, namespace, name) => {
      const text = await expectKubectl(['get', kind, name, '-n', namespace, '-o', 'json', '--ignore-not-found']);
      return text.trim() === '' ? undefined : (JSON.parse(text) as Json);
    },
    list: async (kind, namespace, selector) => {
      const filter = selector === undefined ? [] : ['-l', selector];
      const text = await expectKubectl(['get', kind, '-n', namespace, ...filter, '-o', 'json']);
      return (JSON.parse(text) as { items: Json[] }).items;
    },
    helm: async (args, options) => {
      const helm = path.join(path.dirname(binary), 'helm');
      const { code, stdout, stderr } = await run(
        binary === 'kubectl' ? 'helm' : helm,
        ['--kubeconfig', kubeconfig, ...args],
        options,
      );
      if (code !== 0) throw new Error(`helm ${args.join(' ')} exited with ${code}:\n${stderr}`);
      return stdout;
    },
    prepare: async (args) => {
      if (beside) await clusterTool(args, 900_000);
      return beside;
    },
    host: beside ? '10.250.0.2' : (process.env['E2E_WEBHOOK_HOST'] ?? '127.0.0.1'),
    ...(beside && { inside: [tool, 'exec', '--'] as const }),
    node: (command, timeoutMs = 30_000) => {
      if (!beside) throw new Error('this needs the cluster beside the repository: unset KUBECONFIG');
      return clusterTool(['exec', '--', ...command], timeoutMs);
    },
    follow: (args, onLine) => {
      const child = spawn(binary, ['--kubeconfig', kubeconfig, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
      createInterface({ input: child.stdout }).on('line', onLine);
      const end = (): void => void child.kill('SIGKILL');
      process.once('exit', end);
      return () => {
        process.off('exit', end);
        end();
      };
    },
  };
}

/** Polls until `probe` answers something other than undefined or false; the error shows what it answered last. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined | false>,
  describe: () => Promise<string> = () => Promise.resolve(''),
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs / 1000} s: ${what}\n${await describe()}`);
    await delay(250);
  }
}
