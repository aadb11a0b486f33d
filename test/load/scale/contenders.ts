/** Who is measured: our operator, and one of the same purpose written in Go. Both speak controller-runtime's metrics. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { get as getOverTls } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../tools/control-plane/process.ts';
import type { ControlPlane } from '../../../tools/control-plane/start.ts';
import { webhookConfigurations } from '../../../tools/webhook-configurations.ts';
import { startOperator } from '../../operator.ts';
import type { TrueUp } from './clone.ts';
import { expect } from './plane.ts';
import { trueUpWith } from './true-up.ts';

export interface Running {
  readonly pid: number;
  /** Passes over Databases so far. */
  passes(): Promise<number>;
  log(): string;
  stop(): Promise<unknown>;
}

export interface Contender {
  readonly name: string;
  /** How its user agent begins. */
  readonly userAgent: string;
  prepare(plane: ControlPlane): Promise<void>;
  readonly trueUp: TrueUp;
  /** Changes nothing of what the contender made: that this is so shows that `trueUp` is right. */
  readonly check: TrueUp;
  /** `enter` runs a command inside the limits. */
  start(plane: ControlPlane, enter: readonly [string, ...string[]] | undefined): Promise<Running>;
}

export const WORKERS = 4;

export async function ourselves(): Promise<Contender> {
  const [port, operationsPort] = [await freePort(), await freePort()];
  return {
    name: 'database-operator',
    userAgent: 'database-operator/',
    trueUp: trueUpWith(true),
    check: trueUpWith(false),
    prepare: async (plane) => {
      const apply = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
      await expect(plane, apply, webhookConfigurations(`https://127.0.0.1:${port}`));
    },
    start: async ({ kubeconfig }, enter) => {
      const operator = await startOperator({
        kubeconfig,
        host: '127.0.0.1',
        port,
        operationsPort,
        main: 'dist/main.js',
        // On a busy machine a large start takes longer; how long is what is measured.
        readyWithinMs: 600_000,
        // Series of each Database would be measured with every look at the number of passes.
        extra: ['--agent-image=database-operator:test', '--database-metrics=false', `--concurrency=${WORKERS}`],
        ...(enter !== undefined && { inside: enter }),
      });
      return { ...operator, passes: () => passesAt(`https://127.0.0.1:${operationsPort}/metrics`) };
    },
  };
}

/** `binary` is what `bench/peers/go-operator` was built into. */
export async function goPeer(binary: string): Promise<Contender> {
  const port = await freePort();
  const passes = (): Promise<number> => passesAt(`http://127.0.0.1:${port}/metrics`);
  return {
    name: 'go peer',
    userAgent: 'go-operator',
    trueUp: () => undefined,
    check: () => undefined,
    prepare: () => Promise.resolve(),
    start: async ({ kubeconfig }, enter = ['env']) => {
      const [leader, ...leading] = enter;
      const args = [`--kubeconfig=${kubeconfig}`, `--metrics-address=127.0.0.1:${port}`, `--workers=${WORKERS}`];
      const child = spawn(leader, [...leading, binary, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-1_000_000)));
      const exited = once(child, 'exit');
      process.once('exit', () => child.kill('SIGKILL'));
      while ((await passes()) < 0) {
        if (child.exitCode !== null) throw new Error(`the peer ended with ${child.exitCode}:\n${output}`);
        await delay(20);
      }
      return {
        pid: child.pid ?? -1,
        passes,
        log: () => output,
        stop: () => {
          child.kill('SIGTERM');
          return exited;
        },
      };
    },
  };
}

/** -1 while nobody answers. */
async function passesAt(url: string): Promise<number> {
  const text = await textAt(url);
  if (text === undefined) return -1;
  const pattern = /^controller_runtime_reconcile_total\{[^}]*controller="database"[^}]*\} (\S+)$/gm;
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}

function textAt(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const how = { timeout: 10_000, rejectUnauthorized: false };
    const request = (url.startsWith('https:') ? getOverTls : get)(url, how, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
      response.on('error', () => resolve(undefined));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
