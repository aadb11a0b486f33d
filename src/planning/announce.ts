/**
 * A plan in words, for warnings and for the terminal: one line that says what it costs, then the steps, like
 * ones together.
 */
import type { Database } from '../api/types.generated.ts';
import { readonlyService } from '../desired/names.ts';
import { causesOf, exceeds, planChange, worstOf } from './change.ts';
import type { Change } from './change.ts';
import { stepLines } from './step-lines.ts';
import type { Impact, Step } from './step.ts';
import { windowState } from './window.ts';

export interface Announcement {
  readonly steps: readonly Step[];
  /** Of the dearest step. */
  readonly impact: Impact;
  /** `restarts 3 servers one at a time, the primary last; …` */
  readonly summary: string;
  /** What else there is to know, then the steps; without numbers. */
  readonly notes: readonly string[];
  readonly lines: readonly string[];
}

/** `now` decides whether the maintenance window is open. */
export function announce(change: Change, now: Date): Announcement {
  const steps = planChange(change);
  const impact = worstOf(steps);
  return {
    steps,
    impact,
    summary: summaryOf(change, steps),
    notes: [...notesOf(change, steps), ...causes(change, impact), ...waits(change.after, steps, now)],
    lines: stepLines(steps, change),
  };
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

function creation(steps: readonly Step[]): string {
  if (steps.length === 0) return 'nothing is made';
  const volumes =
    steps.find(({ ref }) => ref.resource.kind === 'StatefulSet') === undefined ? '' : ', nothing restarts';
  return `makes ${count(steps.length, 'object')}${volumes}`;
}

/** `steps` are those of `planChange`. */
export function summaryOf({ before, after }: Change, steps: readonly Step[]): string {
  if (before === undefined) return creation(steps);
  if (steps.length === 0) return 'nothing changes in the cluster, nothing restarts';
  const parts = [...serverParts(steps, before, after), ...otherParts(steps)];
  return `${parts.join('; ')}${dataPart(before, after)}`;
}

const serversOf = ({ spec }: Database): number => (spec.hibernate === true ? 0 : (spec.replicas ?? 1));

function serverParts(steps: readonly Step[], before: Database, after: Database): readonly string[] {
  const restarts = steps.filter(({ action }) => action === 'restartPod');
  const [from, to] = [serversOf(before), serversOf(after)];
  if (from > 0 && to === 0) return ['stops all servers: downtime until spec.hibernate is false again'];
  if (from === 0 && to > 0) return [`starts ${count(to, 'server')}`];
  const scaled =
    from === to ? [] : [to > from ? `adds ${count(to - from, 'server')}` : `stops ${count(from - to, 'server')}`];
  const moves = steps.some(({ action }) => action === 'switchover');
  if (restarts.length === 0) return [moves ? 'nothing restarts, one switchover' : 'nothing restarts', ...scaled];
  return [...scaled, restartPart(restarts, to, moves)];
}

function restartPart(restarts: readonly Step[], servers: number, switchesOver: boolean): string {
  if (servers === 1) return 'restarts the only server: downtime until it is back';
  const which = `restarts ${count(restarts.length, 'server')}${restarts.length > 1 ? ' one at a time' : ''}`;
  if (!switchesOver) return which;
  return `${which}${restarts.length > 1 ? ', the primary last' : ', the primary'}, after one switchover`;
}

function otherParts(steps: readonly Step[]): readonly string[] {
  const grown = steps.filter(({ why }) => why.startsWith('volume '));
  return [
    ...(steps.some(({ impact }) => impact === 'reload') ? ['settings are reloaded while servers run'] : []),
    ...(grown.length > 0 ? [`grows ${count(grown.length, 'volume')}`] : []),
  ];
}

function dataPart(before: Database, after: Database): string {
  const [from, to] = [before.spec.replicas ?? 1, after.spec.replicas ?? 1];
  if (serversOf(after) > 0 && to > from) return '; each new server copies the data from the primary';
  if (to < from) return '; volumes are kept';
  return ', no data moved';
}

function notesOf({ before, after }: Change, steps: readonly Step[]): readonly string[] {
  if (steps.length === 0 && (before?.spec.paused === true) === (after.spec.paused === true)) return [];
  const scaling = before !== undefined && serversOf(before) > 1 && serversOf(after) === 1;
  const readonly = scaling ? [`${readonlyService(after.metadata.name)} has no server any more`] : [];
  return [...readonly, ...pauseNotes(before, after)];
}

function pauseNotes(before: Database | undefined, after: Database): readonly string[] {
  if (after.spec.paused === true) return ['spec.paused is true: nothing of this happens before it is false'];
  if (before?.spec.paused === true)
    return ['spec.paused ends: what was changed meanwhile is carried out too, which is not in this plan'];
  return [];
}

const mostCauses = 4;

function causes(change: Change, impact: Impact): readonly string[] {
  if (!exceeds(impact, 'reload')) return [];
  const fields = causesOf(change, 'reload').map(({ name }) => name);
  if (fields.length === 0) return [];
  const more = fields.length > mostCauses ? ` and ${fields.length - mostCauses} more` : '';
  return [`because of ${fields.slice(0, mostCauses).join(', ')}${more}`];
}

function waits(after: Database, steps: readonly Step[], now: Date): readonly string[] {
  const window = after.spec.maintenanceWindow;
  if (window === undefined || !steps.some(({ action }) => action === 'restartPod' || action === 'switchover'))
    return [];
  const { open, opensInSeconds } = windowState(window, now);
  if (open) return ['the maintenance window is open now: restarts begin at once'];
  if (opensInSeconds === undefined) return ['restarts wait for the maintenance window, which never opens'];
  // A window opens on a full minute; the seconds until then were rounded up.
  const opens = new Date(Math.floor((now.getTime() + opensInSeconds * 1000) / 60_000) * 60_000).toISOString();
  return [
    `restarts wait for the maintenance window, which opens at ${opens.replace('.000Z', 'Z')}; the rest happens at once`,
  ];
}
