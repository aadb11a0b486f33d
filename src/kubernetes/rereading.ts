/** Credentials that rotate under us: read again once a minute, as client-go does with a ServiceAccount's token. */
import type { Clock } from '../values/clock.ts';
import type { Connection, Credentials } from './connection.ts';

const REREAD_MILLISECONDS = 60_000;

/** When a read fails the last known value serves on, unless `fresh` was asked for. Calls at the same time share one read. */
export function rereading(clock: Clock, read: (fresh: boolean) => Promise<Credentials>): Connection['credentials'] {
  let known: { value: Credentials; at: number } | undefined;
  let reading: Promise<Credentials> | undefined;
  const refresh = async (fresh: boolean): Promise<Credentials> => {
    try {
      const value = await read(fresh);
      known = { value, at: clock.now() };
      return value;
    } finally {
      reading = undefined;
    }
  };
  return async ({ fresh = false } = {}) => {
    if (known !== undefined && !fresh && clock.now() - known.at < REREAD_MILLISECONDS) return known.value;
    const before = known?.value;
    try {
      return await (reading ??= refresh(fresh));
    } catch (error) {
      if (before === undefined || fresh) throw error;
      return before;
    }
  };
}
