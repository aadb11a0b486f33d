/** How the simulated operator asks and steers the simulated servers: with delays, lost answers, and orders that arrive late. */
import type { MemberAddress, MemberClient, MemberView, TopologyDriver } from '../../src/engines/engine.ts';
import type { Clock, Random } from '../../src/values/clock.ts';
import { compareLogs, isUp } from './servers.ts';
import type { Server, Servers } from './servers.ts';

export interface DriverOptions {
  readonly servers: Servers;
  /** Of the operator's process: it ends with it. */
  readonly clock: Clock;
  /** Of the world: an order that is on its way arrives although its sender has died. */
  readonly world: Clock;
  readonly random: Random;
  readonly demotes: boolean;
  /** Longest delay of one way, milliseconds; 0: none at all. */
  readonly slowness: () => number;
}

const refused = (): Error => Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });

export function makeDriver(options: DriverOptions): TopologyDriver {
  const { servers, clock, world, random, slowness } = options;
  const later = (by: Clock, most: number): Promise<void> =>
    most === 0 ? Promise.resolve() : new Promise((resolve) => by.after(random() * most, resolve));

  const connect = (address: MemberAddress): MemberClient => {
    const { host, timeoutMs } = address;
    const reach = async (): Promise<Server> => {
      await later(clock, slowness());
      const server = servers.all.get(host);
      if (server?.cut === true || server?.frozen === true) {
        await new Promise<void>((resolve) => clock.after(timeoutMs, resolve));
        throw new Error('no answer');
      }
      if (server?.alive !== true) throw refused();
      return server;
    };
    const order = async (run: (server: Server) => void): Promise<void> => {
      const server = await reach();
      const lost = slowness() > 0 && random() < 0.1;
      await later(world, slowness() * 2);
      if (isUp(server) && !server.cut) run(server);
      if (lost) throw new Error('the answer was lost');
      await later(clock, slowness());
    };
    return {
      async view() {
        const view = viewOf(await reach(), servers);
        await later(clock, slowness());
        return view;
      },
      promote: () => order((server) => servers.promote(server)),
      follow: (primary) => order((server) => servers.follow(server, primary.pod)),
      ...(options.demotes && { demote: () => order((server) => servers.demote(server)) }),
      detach: () => order((server) => servers.detach(server)),
      volume: () => Promise.resolve(undefined),
      close: () => undefined,
    };
  };
  return {
    demotes: options.demotes,
    detaches: true,
    connect,
    comparePositions: (a, b) => compareLogs(servers.positions.logAt(a), servers.positions.logAt(b)),
  };
}

function viewOf(server: Server, servers: Servers): MemberView {
  const { writable, follows, data } = server;
  const broken = servers.brokenOf(server);
  return {
    writable,
    ...(follows !== undefined && { follows }),
    streaming: servers.streams(server),
    position: servers.positions.of(data.log),
    ...(!writable && { lagSeconds: 0 }),
    ...(broken !== undefined && { broken }),
  };
}
