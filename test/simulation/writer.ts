/** An application that writes all the time, to whom the Service points or to whom it is still connected, and keeps what was confirmed. */
import * as resources from '../../src/api/resources.ts';
import { isUp } from './servers.ts';
import type { Server } from './servers.ts';
import type { Simulation } from './simulation.ts';

export interface Writer {
  readonly confirmed: readonly { readonly id: string; readonly at: number }[];
  stop(): void;
}

const CONFIRM_MS = 1_000;

export function startWriter(simulation: Simulation, instance: string, sync: boolean): Writer {
  const { servers, world, scheduler } = simulation;
  const random = scheduler.fork('writer');
  const confirmed: { id: string; at: number }[] = [];
  let counter = 0;
  let running = true;
  let connected: Server | undefined;

  const canTake = (server: Server | undefined): server is Server =>
    server !== undefined && servers.all.get(server.uid) === server && isUp(server) && !server.cut && server.writable;
  const target = (): Server | undefined => {
    // A connection that works is kept, whatever the Service says by now.
    if (canTake(connected)) return connected;
    const pod = world
      .list(resources.Pod)
      .find(
        ({ metadata: { labels } }) =>
          labels?.['app.kubernetes.io/instance'] === instance && labels['role'] === 'primary',
      );
    connected = pod && servers.all.get(pod.metadata.uid ?? '');
    return canTake(connected) ? connected : undefined;
  };
  const write = (): void => {
    if (!running) return;
    const server = target();
    if (server !== undefined) {
      const id = `write-${String(++counter)}`;
      servers.append(server, id);
      if (sync) awaitCopy(server, id, scheduler.clock.now());
      else confirmed.push({ id, at: scheduler.clock.now() });
    }
    scheduler.clock.after(50 + random() * 200, write);
  };
  const awaitCopy = (server: Server, id: string, since: number): void => {
    scheduler.clock.after(20, () => {
      if (!canTake(server) || scheduler.clock.now() - since > CONFIRM_MS) return;
      const copied = servers
        .of(instance)
        .some((other) => other !== server && other.follows === server.name && other.data.log.includes(id));
      if (copied) confirmed.push({ id, at: scheduler.clock.now() });
      else awaitCopy(server, id, since);
    });
  };
  write();
  return { confirmed, stop: () => void (running = false) };
}
