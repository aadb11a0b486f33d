/** A member of MySQL or MariaDB as the operator steers it; what the two servers say differently is a `Speech`. */
import type { MemberAddress, MemberClient, MemberView, TopologyDriver } from '../engine.ts';
import { volumeUse, type VolumeUse } from '../volume-use.ts';
import { MemberConnection, text, type Connect, type Connected, type Server } from './connection.ts';
import { volumeFile } from './paths.ts';
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
  /** Stops receiving; what it has received is applied all the same. */
  stopReceiving(server: Server): Promise<void>;
  /** Forgets whom it followed. */
  forgetSource(server: Server): Promise<void>;
  becomeWritable(server: Server): Promise<void>;
  becomeReadOnly(server: Server): Promise<void>;
  /** Stopped before, started afterwards. */
  point(server: Server, host: string, primary: MemberAddress): Promise<void>;
  start(server: Server): Promise<void>;
}

/** A command's whole time, and how much of it may be spent on applying what was received. */
const commandMs = 8000;
const drainSeconds = 6;

/** Of each Database (its superuser's password tells them apart) the members that have a client, by pod. */
type Company = Map<string, Member>;
const companyKey = ({ pod, superuserPassword }: MemberAddress): string => `${superuserPassword}/${pod}`;

class Member implements MemberClient {
  readonly #speech: Speech;
  readonly #address: MemberAddress;
  readonly #connection: Connected;
  readonly #connect: Connect;
  readonly #company: Company;
  /** Found when it was told to follow; forgotten with the connection, because a new server may have other data. */
  #parted: { readonly identity: object; readonly reason: string } | undefined;

  constructor(speech: Speech, address: MemberAddress, company: Company, connect: Connect) {
    this.#speech = speech;
    this.#address = address;
    this.#connect = connect;
    this.#connection = connect(address);
    this.#company = company;
    company.set(companyKey(address), this);
  }

  position(): Promise<string> {
    return this.#connection.within(this.#address.timeoutMs, (server) => this.#speech.position(server));
  }

  view(): Promise<MemberView> {
    return this.#connection.within(this.#address.timeoutMs, async (server) => {
      const status = await this.#speech.status(server);
      const position = await this.#speech.position(server, status);
      const writable = await this.#speech.isWritable(server);
      const parted = this.#parted?.identity === server.identity ? this.#parted.reason : undefined;
      const broken = parted ?? (status && brokenReason(status));
      // Where a thread has ended and nothing is wrong with the data, being told to follow helps.
      const follows = status && (!status.stopped || broken !== undefined) ? memberOf(status.host) : undefined;
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
    return this.#connection.within(commandMs, async (server) => {
      if (await this.#speech.isWritable(server)) return;
      if ((await this.#speech.status(server)) !== undefined) {
        await this.#speech.drain(server, drainSeconds);
        await this.#speech.forgetSource(server);
      }
      await this.#speech.becomeWritable(server);
      this.#parted = undefined;
    });
  }

  /** A thread that is just connecting to a host that is gone ends only when that has timed out. */
  detach = (): Promise<void> =>
    this.#connection.within(commandMs, async (server) => {
      if (await this.#speech.isWritable(server)) return;
      await this.#speech.stopReceiving(server);
    });

  follow(primary: MemberAddress): Promise<void> {
    return this.#connection.within(commandMs, async (server) => {
      if (await this.#speech.isWritable(server)) throw new Error('it still takes writes: demote it first');
      const host = await hostOf(server, primary.pod);
      const status = await this.#speech.status(server);
      const same = status?.host === host;
      if (same && status.ioRunning && status.sqlRunning) return;
      // In this order, so that what the primary writes meanwhile is not taken for a surplus of this member.
      const mine = await this.#speech.position(server);
      // The address is for members only; the operator has a client of its own.
      const other = this.#company.get(companyKey(primary));
      if (other === undefined) throw new Error(`can't compare it with ${primary.pod}, which nobody is connected to`);
      const theirs = await other.position();
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
    this.#connection.within(commandMs, async (server) => {
      const other = this.#connect(this.#address);
      try {
        let done = false;
        const ending = (async () => {
          do {
            await other.within(commandMs, async ({ ask }) => {
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

  volume(): Promise<VolumeUse | undefined> {
    return this.#connection.within(this.#address.timeoutMs, async ({ ask }) => {
      const [row] = await ask('SELECT CONVERT(LOAD_FILE(?) USING utf8mb4) AS line, UNIX_TIMESTAMP() AS now', [
        volumeFile,
      ]);
      return volumeUse(text(row, 'line'), Number(text(row, 'now')));
    });
  }

  close(): void {
    this.#connection.close();
    const key = companyKey(this.#address);
    if (this.#company.get(key) === this) this.#company.delete(key);
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

const byProtocol: Connect = (address) => new MemberConnection(address);

/** `connect`: replaced in tests. */
export function topologyDriver(speech: Speech, connect = byProtocol): TopologyDriver {
  const company: Company = new Map();
  return {
    connect: (address) => new Member(speech, address, company, connect),
    comparePositions: speech.comparePositions,
    demotes: true,
    detaches: true,
  };
}
