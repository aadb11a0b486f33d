/** Creates per second through a real API server, without our webhooks and with them: what admission costs whoever writes. */
import { setTimeout as delay } from 'node:timers/promises';
import { Database } from '../../src/api/resources.ts';
import type { HttpClient } from '../../src/kubernetes/http-client.ts';
import { controlPlane, installCrds, stopControlPlane, uniqueNamespace } from '../api/harness.ts';
import { startTestOperator } from '../api/operator.ts';
import { connectTo } from '../support/real-client.ts';

interface Round {
  readonly webhooks: boolean;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const writers = 8;
const seconds = 6;
const rounds = 3;

export async function createsPerSecond(
  write: (text: string) => void,
): Promise<{ readonly text: string; readonly raw: readonly Round[] }> {
  const { kubeconfig } = await controlPlane();
  await installCrds();
  const client = await connectTo({ kubeconfig }, 'bench');
  const raw: Round[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      raw.push({ webhooks: false, ...(await create(client, await uniqueNamespace('without'))) });
      const operator = await startTestOperator(['--controllers=false'], 'dist/main.js');
      try {
        const namespace = await uniqueNamespace('with');
        await create(client, namespace, 'warm');
        raw.push({ webhooks: true, ...(await create(client, namespace)) });
      } finally {
        await operator.stop();
      }
      write(`API server, round ${round + 1}: ${JSON.stringify(raw.slice(-2))}\n`);
      await delay(1_000);
    }
  } finally {
    client.close();
    await stopControlPlane();
  }
  const median = (webhooks: boolean, key: 'perSecond' | 'p50' | 'p99'): number =>
    raw
      .filter((each) => each.webhooks === webhooks)
      .map((each) => each[key])
      .sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  const line = (webhooks: boolean): string =>
    `${String(median(webhooks, 'perSecond')).padStart(6)}/s, p50 ${median(webhooks, 'p50')} ms, p99 ${median(webhooks, 'p99')} ms`;
  const ratio = (median(true, 'perSecond') / median(false, 'perSecond')).toFixed(2);
  const text =
    `\ncreates through a real API server on the same machine, ${writers} writers, medians of ${rounds} rounds\n` +
    `without webhooks ${line(false)}\nwith webhooks    ${line(true)}\nwith/without     ${ratio}\n`;
  return { text, raw };
}

async function create(client: HttpClient, namespace: string, prefix = 'db'): Promise<Omit<Round, 'webhooks'>> {
  const took: number[] = [];
  const begin = performance.now();
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let sent = performance.now(); sent < begin + seconds * 1000; sent = performance.now()) {
      const object = {
        apiVersion: 'example.com/v1',
        kind: 'Database',
        metadata: { name: `${prefix}-${next++}`, namespace },
        spec: { engine: 'postgresql', version: '17', storage: { size: '10Gi' } },
      };
      await client.create(Database, object);
      took.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  took.sort((a, b) => a - b);
  const quantile = (q: number): number => Number((took[Math.floor(took.length * q)] ?? Number.NaN).toFixed(1));
  const perSecond = Math.round(took.length / ((performance.now() - begin) / 1000));
  return { perSecond, p50: quantile(0.5), p99: quantile(0.99) };
}
