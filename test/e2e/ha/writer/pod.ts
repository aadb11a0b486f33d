/** The writer as a pod: it stays inside the cluster's network, where names and addresses are those that applications use. */
import { gzipSync } from 'node:zlib';
import path from 'node:path';
import { build } from 'esbuild';
import { stringify } from 'yaml';
import { repository, type Cluster } from '../../cluster.ts';
import { parseLine, viaPrimary, type Line } from './lines.ts';
import { fromRanges } from './ranges.ts';
import type { WriterSettings } from './run.ts';

export interface Writer {
  /** Its clock: the newest time that it printed. */
  now(): number;
  lines(): readonly Line[];
  /** Acknowledgements through the Service since `at`. */
  acknowledgedSince(at: number): number;
  /** Numbers that a member (default: whoever the Service leads to) holds. */
  numbers(host?: string): Promise<Set<number>>;
  stop(): Promise<void>;
}

export interface WriterOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly database: string;
  /** Which driver: `postgresql`, `mysql` (MariaDB too) or `redis`. */
  readonly driver: string;
  readonly port: number;
  /** Pods `<database>-0` to one below are asked directly as well. */
  readonly members: number;
}

export const memberHost = (database: string, namespace: string, ordinal: number): string =>
  `${database}-${ordinal}.${database}-headless.${namespace}.svc.cluster.local`;

/** Starts it and resolves once a write was acknowledged. */
export async function startWriter(options: WriterOptions): Promise<Writer> {
  const { cluster, namespace, database } = options;
  const name = `writer-${database}`;
  for (const manifest of [programOf(name, namespace, await bundle(options.driver)), podOf(name, options)]) {
    await cluster.expectKubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
      input: stringify(manifest),
    });
  }
  await cluster.expectKubectl(['wait', '--for=condition=Ready', `pod/${name}`, '-n', namespace, '--timeout=90s']);
  const lines: Line[] = [];
  let clock = 0;
  const endFollowing = cluster.follow(['logs', '-f', name, '-n', namespace], (text) => {
    const line = parseLine(text);
    if (line === undefined) return;
    clock = Math.max(clock, line.at);
    if (line.kind !== 'tick') lines.push(line);
  });
  return {
    now: () => clock,
    lines: () => lines,
    acknowledgedSince: (at) => {
      let count = 0;
      for (let i = lines.length - 1; i >= 0 && (lines[i]?.at ?? 0) > at; i--)
        if (lines[i]?.kind === 'ack' && (lines[i] as { via: string }).via === viaPrimary) count++;
      return count;
    },
    numbers: async (host) => {
      const arguments_ = ['node', '/tmp/client.mjs', 'numbers', ...(host === undefined ? [] : [host])];
      return fromRanges(await cluster.expectKubectl(['exec', name, '-n', namespace, '--', ...arguments_]));
    },
    stop: async () => {
      endFollowing();
      await cluster.kubectl(['delete', `pod/${name}`, `configmap/${name}`, '-n', namespace, '--wait=false', '--now']);
    },
  };
}

async function bundle(driver: string): Promise<Buffer> {
  const { outputFiles } = await build({
    entryPoints: [path.join(repository, `test/e2e/ha/writer/${driver}.ts`)],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Drivers that are CommonJS ask for Node's own modules when they run.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
    logLevel: 'error',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of the driver ${driver}`);
  // A ConfigMap holds 1 MiB.
  return gzipSync(file.contents, { level: 9 });
}

const programOf = (name: string, namespace: string, program: Buffer): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  binaryData: { 'client.mjs.gz': program.toString('base64') },
});

function podOf(name: string, options: WriterOptions): object {
  const { namespace, database, port } = options;
  const ordinals = Array.from({ length: options.members }, (_, ordinal) => ordinal);
  const settings: WriterSettings = {
    host: `${database}-primary.${namespace}.svc.cluster.local`,
    port,
    members: Object.fromEntries(ordinals.map((n) => [`${database}-${n}`, memberHost(database, namespace, n)])),
    pauseMs: 20,
    memberPauseMs: 200,
    timeoutMs: 1000,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'writer',
          image: 'node:20',
          command: ['sh', '-c', 'gzip -dc /client/client.mjs.gz >/tmp/client.mjs && exec node /tmp/client.mjs write'],
          env: [{ name: 'WRITER', value: JSON.stringify(settings) }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [
            { name: 'client', mountPath: '/client' },
            { name: 'credentials', mountPath: '/credentials' },
          ],
        },
      ],
      volumes: [
        { name: 'client', configMap: { name } },
        { name: 'credentials', secret: { secretName: `${database}-secret` } },
      ],
    },
  };
}
