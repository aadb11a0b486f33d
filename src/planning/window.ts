/** Maintenance windows: whether one is open, and when the next one opens. */
import type { MaintenanceWindowSpec } from '../api/types.generated.ts';
import { next, parseCron } from '../values/cron.ts';
import { parseDuration } from '../values/duration.ts';

export interface WindowState {
  readonly open: boolean;
  readonly opensInSeconds?: number;
}

/** Without a window, or with one that can't be read, restarts may happen at any time: admission has refused the latter. */
export function windowState(window: MaintenanceWindowSpec | undefined, now: Date): WindowState {
  if (window === undefined) return { open: true };
  const schedule = parseCron(window.schedule);
  const duration = parseDuration(window.duration);
  if (!schedule.ok || !duration.ok) return { open: true };
  // The last opening that could still be open began at most one duration ago.
  const earliest = new Date(now.getTime() - duration.value);
  const opening = next(schedule.schedule, earliest, window.timeZone);
  if (opening !== undefined && opening <= now) return { open: true };
  if (opening === undefined) return { open: false };
  return { open: false, opensInSeconds: Math.ceil((opening.getTime() - now.getTime()) / 1000) };
}
