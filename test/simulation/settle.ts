/** The end of every run: trouble stops, the operator has time, and then nothing may move any more. */
import { isTrue } from '../../src/api/conditions.ts';
import * as resources from '../../src/api/resources.ts';
import type { Database } from '../../src/api/types.generated.ts';
import { OPERATOR } from './operator.ts';
import type { Simulation } from './simulation.ts';

const CONVERGE_SECONDS = 4 * 3600;
const QUIET_SECONDS = 1800;

export function isSettled(database: Database): boolean {
  const { status, metadata, spec } = database;
  if (metadata.deletionTimestamp !== undefined) return false;
  const phase = spec.hibernate === true ? 'Hibernated' : 'Running';
  return (
    status?.phase === phase &&
    status.observedGeneration === metadata.generation &&
    !isTrue(status.conditions, 'Progressing') &&
    !isTrue(status.conditions, 'Degraded')
  );
}

export interface Settling {
  /** Default: every Database is settled and none is on its way out. */
  readonly done?: () => boolean;
  /** Something is still waited for, so the operator may look again now and then; writes are still forbidden. */
  readonly mayRead?: boolean;
}

export async function settle(simulation: Simulation, { done, mayRead = false }: Settling = {}): Promise<void> {
  const { world, network, invariants, logs } = simulation;
  simulation.calm();
  const all = (): boolean => (world.list(resources.Database) as Database[]).every(isSettled);
  await simulation.until('everything is as it should be', done ?? all, CONVERGE_SECONDS);
  // What the last faults left behind (a broken watch, a backoff) may still need its time.
  await simulation.pass(900_000);
  if (!(done ?? all)()) throw new Error('it was as it should be, and then no longer');
  const [writes, calls] = [world.writes.length, network.calls.length];
  await simulation.pass(QUIET_SECONDS * 1000);
  const late = world.writes.slice(writes).filter(({ by }) => by === OPERATOR);
  if (late.length > 0) {
    throw new Error(
      `writes while idle: ${late.map(({ verb, resource, name }) => `${verb} ${resource.kind} ${name}`).join(', ')}`,
    );
  }
  const reads = network.calls.slice(calls).filter(({ verb }) => verb !== 'watch');
  if (reads.length > 0 && !mayRead) {
    throw new Error(`reads while idle: ${reads.map(({ verb, kind }) => `${verb} ${kind}`).join(', ')}`);
  }
  invariants.checkEnd();
  if (simulation.servers.rivals.length > 0) throw new Error(simulation.servers.rivals.join('; '));
  invariants.checkLeaks(logs);
  if (invariants.broken.length > 0) throw new Error(invariants.broken.join('; '));
}
