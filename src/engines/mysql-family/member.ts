/** A member of MySQL or MariaDB as the operator steers it; what the two servers say differently is a `Speech`. */
import type { MemberAddress, MemberClient, MemberView, TopologyDriver } from '../engine.ts';
import { MemberConnection, text, type Server } from './connection.ts';
import { brokenReason, memberOf, type ReplicaStatus } from './replica-status.ts';
import { endSessions } from './sessions.ts';

export interface Speech {
  readonly comparePositions: TopologyDriver['comparePositions'];
  status(server: Server): Promise<ReplicaStatus | undefined>;
  isWritable(server: Server): Promise<boolean>;
  /** What it has applied; with `status`, what it has received, too. */
  position(server: Server, status?: ReplicaStatus): Promise<string>;
  /** What `mine` has and `theirs` lacks, in words; undefined: nothing. */
  surplus(mine: string, theirs: string): string | undefined;
  /** Stops receiving and resolves when all that was received is applied; rejects when that takes longer than `seconds`. */
  drain(server: Server, seconds: number): Promise<void>;
  /** Forgets whom it followed. */
  forgetSource(server: Server): Promise<void>;
  becomeWritable(server: Server): Promise<void>;
  becomeReadOnly(server: Server): Promise<void>;
  /** Stopped before, started afterwards. */
  point(server: Server, host: string, primary: MemberAddress): Promise<void>;
  start(server: Server): Promise<void>;
}

/** Within the time of a command, for what comes after the wait. */
const reserveMs = 500;

class Member implements MemberClient {
  readonly #speech: Speech;
  readonly #address: MemberAddress;
  readonly #connection: MemberConnection;
  /** Found when it was told to follow; forgotten with the connection, because a new server may have other data. */
  #parted: { readonly identity: object; readonly reason: string } | undefined;

  constructor(speech: Speech, address: MemberAddress) {
    this.#speech = speech;
    this.#address = address;
    this.#connection = new MemberConnection(address);
  }

  view(): Promise<MemberView> {
    return this.#connection.within(async (server) => {
      const status = await this.#speech.status(server);
      const position = await this.#speech.position(server, status);
      const writable = await this.#speech.isWritable(server);
      const parted = this.#parted?.identity === server.identity ? this.#parted.reason : undefined;
      const broken = parted ?? (status && brokenReason(status));
      const follows = status && memberOf(status.host);
      return {
        writable,
        streaming: status?.ioRunning === true,
        position,
        ...(follows !== undefined && { follows }),
        ...(status?.lagSeconds !== undefined && { lagSeconds: status.lagSeconds }),
        ...(broken !== undefined && !writable && { broken }),
      };
    });
  }

  promote(): Promise<void> {
    return this.#connection.within(async (server) => {
      if (await this.#speech.isWritable(server)) return;
      if ((await this.#speech.status(server)) !== undefined) {
        await this.#speech.drain(server, Math.max(this.#address.timeoutMs - reserveMs, 100) / 1000);
        await this.#speech.forgetSource(server);
      }
      await this.#speech.becomeWritable(server);
      this.#parted = undefined;
    });
  }

  follow(primary: MemberAddress): Promise<void> {
    return this.#connection.within(async (server) => {
      if (await this.#speech.isWritable(server)) throw new Error('it still takes writes: demote it first');
      const host = await hostOf(server, primary.pod);
      const status = await this.#speech.status(server);
      const same = status?.host === host;
      if (same && status.ioRunning && status.sqlRunning) return;
      // In this order, so that what the primary writes meanwhile is not taken for a surplus of this member.
      const mine = await this.#speech.position(server);
      const theirs = await positionOf(this.#speech, primary);
      const surplus = this.#speech.surplus(mine, theirs);
      if (surplus !== undefined) {
        const reason = `it has transactions that ${primary.pod} lacks: ${surplus}`;
        this.#parted = { identity: server.identity, reason };
        // Not by an exception, which would drop the connection and with it what was found; the view tells.
        return;
      }
      this.#parted = undefined;
      await this.#speech.point(server, host, primary);
      await this.#speech.start(server);
    });
  }

  demote = (): Promise<void> =>
    this.#connection.within(async (server) => {
      const other = new MemberConnection(this.#address);
      try {
        let done = false;
        const ending = (async () => {
          do {
            await other.within(async ({ ask }) => {
              await endSessions(ask);
              await ask('DO SLEEP(0.05)');
            });
          } while (!done);
        })();
        // Heard of below, once the switch is over.
        ending.catch(() => undefined);
        try {
          await this.#speech.becomeReadOnly(server);
        } finally {
          done = true;
        }
        await ending;
        // Whoever came in between the last look and the switch.
        await endSessions(server.ask);
      } finally {
        other.close();
      }
    });

  close(): void {
    this.#connection.close();
  }
}

/** By DNS name, because an address changes with every pod; the server knows its own and with it the Service. */
async function hostOf({ ask }: Server, pod: string): Promise<string> {
  const [row] = await ask('SELECT @@GLOBAL.report_host AS host');
  const own = text(row, 'host');
  const dot = own.indexOf('.');
  if (dot < 0) throw new Error(`its report_host is "${own}": it was not started by the operator's script`);
  return pod + own.slice(dot);
}

async function positionOf(speech: Speech, address: MemberAddress): Promise<string> {
  const connection = new MemberConnection(address);
  try {
    return await connection.within((server) => speech.position(server));
  } finally {
    connection.close();
  }
}

export const topologyDriver = (speech: Speech): TopologyDriver => ({
  connect: (address) => new Member(speech, address),
  comparePositions: speech.comparePositions,
});
