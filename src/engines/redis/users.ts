/**
 * Makes users true in Redis: on every member by itself, because users are not replicated, and in the file on its volume, so
 * that they are there after a restart.
 */
import type { MemberAddress } from '../engine.ts';
import {
  noReport,
  type DropReport,
  type UserNames,
  type UserReport,
  type UsersClient,
  type UsersDriver,
  type UsersServer,
  type WantedUser,
} from '../users.ts';
import { parseInfo, redisLine, type Line } from './topology.ts';
import { hasPasswords, isAsWanted, parseUser, rulesOf, selectors, shown, wantedAcl } from './users-rules.ts';

/** What a 6.x server made of the rules that it was given: it shows them in words of its own. */
type Memory = Map<string, { readonly rules: string; readonly shown: string }>;

class Users implements UsersClient {
  readonly #server: UsersServer;
  readonly #memory: Memory;
  readonly #open: (address: MemberAddress) => Line;

  constructor(server: UsersServer, memory: Memory, open: (address: MemberAddress) => Line) {
    this.#server = server;
    this.#memory = memory;
    this.#open = open;
  }

  /** With all of them; the first failure is told once the others are done. */
  async #each<T>(work: (line: Line, member: MemberAddress) => Promise<T>): Promise<readonly T[]> {
    const results = await Promise.allSettled(
      this.#server.members.map(async (member) => {
        const line = this.#open(member);
        try {
          return await work(line, member);
        } finally {
          line.close();
        }
      }),
    );
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  async ensure(user: WantedUser): Promise<UserReport> {
    const reports = await this.#each((line, member) => this.#ensureOn(line, member, user));
    const unsupported = new Set(reports.flatMap((report) => report.unsupported));
    const { connections, statementTimeoutMs } = user.limits ?? {};
    if (connections !== undefined) unsupported.add('connectionLimit: Redis has none for a user');
    if (statementTimeoutMs !== undefined && statementTimeoutMs > 0) unsupported.add('statementTimeout: Redis has none');
    return {
      ...noReport,
      changes: reports.flatMap(({ changes }) => changes),
      revoked: reports.flatMap(({ revoked }) => revoked),
      unsupported: [...unsupported],
    };
  }

  async #ensureOn(line: Line, member: MemberAddress, user: WantedUser): Promise<UserReport> {
    const [info, reply] = await line.ask(['INFO', 'server'], ['ACL', 'GETUSER', user.name]);
    const wanted = wantedAcl(user, versionOf(info));
    const found = parseUser(reply);
    const rules = rulesOf(wanted);
    const key = `${member.host} ${member.pod} ${user.name}`;
    if (found !== undefined && this.#isRight(found, wanted, { key, rules, version: versionOf(info) }))
      return { ...noReport, unsupported: wanted.unsupported };
    await line.ask(['ACL', 'SETUSER', user.name, ...rules]);
    const [after] = await line.ask(['ACL', 'GETUSER', user.name]);
    this.#memory.set(key, { rules: rules.join(' '), shown: shown(parseUser(after) ?? {}) });
    const kept = await save(line);
    const was = found === undefined ? 'made' : 'put right';
    return {
      ...noReport,
      changes: [`user ${user.name} ${was} on ${member.pod}`],
      revoked: found !== undefined && hasPasswords(found, wanted) ? [`rights of ${user.name} on ${member.pod}`] : [],
      unsupported: [...wanted.unsupported, ...kept],
    };
  }

  #isRight(
    found: Readonly<Record<string, unknown>>,
    wanted: ReturnType<typeof wantedAcl>,
    { key, rules, version }: { readonly key: string; readonly rules: readonly string[]; readonly version: number },
  ): boolean {
    if (version >= selectors) return isAsWanted(found, wanted);
    const memory = this.#memory.get(key);
    return memory?.rules === rules.join(' ') && memory.shown === shown(found);
  }

  async lock(user: UserNames): Promise<void> {
    await this.#each(async (line) => {
      const [reply] = await line.ask(['ACL', 'GETUSER', user.name]);
      if (reply === null) return;
      await line.ask(['ACL', 'SETUSER', user.name, 'off'], ['CLIENT', 'KILL', 'USER', user.name]);
      await save(line);
    });
  }

  async drop({ home, ...user }: UserNames & { readonly home?: string }): Promise<DropReport> {
    if (home !== undefined) await this.#empty(home);
    await this.#each(async (line, member) => {
      // Its sessions end with it.
      const [dropped] = await line.ask(['ACL', 'DELUSER', user.name]);
      this.#memory.delete(`${member.host} ${member.pod} ${user.name}`);
      if (dropped === 1) await save(line);
    });
    return {};
  }

  /** The keys of one prefix, in every numbered database, a few at a time so that nobody waits. */
  async #empty(home: string): Promise<void> {
    const line = this.#open(this.#server.primary);
    try {
      const [info] = await line.ask(['INFO', 'keyspace']);
      for (const name of parseInfo(String(info)).keys()) {
        await line.ask(['SELECT', name.slice(2)]);
        let cursor = '0';
        do {
          const [reply] = await line.ask(['SCAN', cursor, 'MATCH', `${home}:*`, 'COUNT', '1000']);
          const [next, keys] = reply as [string, readonly string[]];
          if (keys.length > 0) await line.ask(['UNLINK', ...keys]);
          cursor = next;
        } while (cursor !== '0');
      }
    } finally {
      line.close();
    }
  }

  // Each piece of work closes its own.
  close = (): void => undefined;
}

/** A server that was started by an older script has no file to keep them in: they are made again after its next restart. */
async function save(line: Line): Promise<readonly string[]> {
  try {
    await line.ask(['ACL', 'SAVE']);
    return [];
  } catch (error) {
    if (error instanceof Error && /ACL file/i.test(error.message))
      return ['a place on the volume for users: they are there again a few minutes after a restart of the server'];
    throw error;
  }
}

/** `7.0.15` → 70015 */
function versionOf(info: unknown): number {
  const [major = 0, minor = 0, patch = 0] = (parseInfo(String(info)).get('redis_version') ?? '').split('.').map(Number);
  return major * 10_000 + minor * 100 + patch;
}

export function redisUsers(open: (address: MemberAddress) => Line = redisLine): UsersDriver {
  const memory: Memory = new Map();
  return { alternates: false, connect: (server) => new Users(server, memory, open) };
}
