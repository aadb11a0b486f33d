/**
 * A load generator that costs little itself: requests are bytes made beforehand, connections are plain TLS sockets kept
 * alive as the API server keeps them, and an answer is read no further than its length. One process on one core drives some
 * tens of thousands of requests a second, several times what is measured with it.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

export interface Connection {
  /** One at a time; resolves to the HTTP status. */
  send(request: Buffer): Promise<number>;
  close(): void;
}

/** A review as it goes over the wire. */
export function requestBytes(route: string, body: Buffer): Buffer {
  const head = [
    `POST ${route}?timeout=10s HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: kube-apiserver-admission',
    'Accept: application/json',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
}

export async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  socket.setNoDelay(true);
  await once(socket, 'secureConnect');
  const answers = answersOf(socket);
  return {
    send: (request) => {
      socket.write(request);
      return answers.next();
    },
    close: () => socket.destroy(),
  };
}

function answersOf(socket: TLSSocket): { next(): Promise<number> } {
  let waiting: PromiseWithResolvers<number> | undefined;
  let text = '';
  const settle = (status: number): void => {
    const current = waiting;
    text = '';
    waiting = undefined;
    current?.resolve(status);
  };
  // latin1: a character is a byte.
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (isComplete(text)) settle(Number(text.slice(9, 12)));
  });
  socket.on('error', () => settle(0));
  socket.on('close', () => settle(0));
  return {
    next: () => {
      const answer = Promise.withResolvers<number>();
      waiting = answer;
      if (socket.destroyed) settle(0);
      return answer.promise;
    },
  };
}

const lengthHeader = /\r\ncontent-length: (\d+)\r\n/i;

function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = lengthHeader.exec(text.slice(0, end + 2))?.[1];
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= end + 4 + Number(length);
}

export interface Measured {
  readonly answers: number;
  /** Not answered with 200. */
  readonly failed: number;
  readonly seconds: number;
  /** Milliseconds, ascending. */
  readonly latencies: readonly number[];
  /** Share of the time in which the generator itself was busy: near 1 it measures itself. */
  readonly generatorBusy: number;
}

const opened = (port: number, count: number): Promise<readonly Connection[]> =>
  Promise.all(Array.from({ length: count }, () => openConnection(port)));

/** Closed loop: each connection asks again as soon as it is answered. What the server can do. */
export async function saturate(
  port: number,
  requests: readonly Buffer[],
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Measured> {
  const pool = await opened(port, connections);
  let next = 0;
  const end = performance.now() + seconds * 1000;
  return observed(pool, async (answered) => {
    await Promise.all(
      pool.map(async (connection) => {
        for (let sent = performance.now(); sent < end; sent = performance.now()) {
          answered(sent, await connection.send(requests[next++ % requests.length] ?? Buffer.alloc(0)));
        }
      }),
    );
  });
}

/** Open loop: questions come at their time, whatever became of those before; time in a queue of ours counts. */
export async function atRate(
  port: number,
  requests: readonly Buffer[],
  { rate, seconds, connections }: { readonly rate: number; readonly seconds: number; readonly connections: number },
): Promise<Measured> {
  const pool = await opened(port, connections);
  const idle = [...pool];
  const queue: number[] = [];
  let next = 0;
  return observed(pool, async (answered) => {
    const begin = performance.now();
    const running = new Set<Promise<void>>();
    const start = (connection: Connection, due: number): void => {
      const work = connection.send(requests[next++ % requests.length] ?? Buffer.alloc(0)).then((status) => {
        answered(due, status);
        running.delete(work);
        const waiting = queue.shift();
        if (waiting === undefined) idle.push(connection);
        else start(connection, waiting);
      });
      running.add(work);
    };
    for (let index = 0; index < rate * seconds; index++) {
      const due = begin + (index * 1000) / rate;
      while (due > performance.now()) await delay(due - performance.now());
      const connection = idle.pop();
      if (connection === undefined) queue.push(due);
      else start(connection, due);
    }
    while (running.size > 0) await Promise.all(running);
  });
}

type Answered = (since: number, status: number) => void;

async function observed(pool: readonly Connection[], run: (answered: Answered) => Promise<void>): Promise<Measured> {
  const latencies: number[] = [];
  let failed = 0;
  const begin = performance.now();
  const busy = process.cpuUsage();
  await run((since, status) => {
    latencies.push(performance.now() - since);
    if (status !== 200) failed++;
  });
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(busy);
  for (const connection of pool) connection.close();
  return {
    answers: latencies.length,
    failed,
    seconds,
    latencies: latencies.sort((a, b) => a - b),
    generatorBusy: (user + system) / 1e6 / seconds,
  };
}
