/** One word for people. Programs read the conditions. */
import type { DatabaseStatus } from '../api/types.generated.ts';
import { isLasting } from './diagnosis.ts';
import type { Problem, Standing } from './standing.ts';

export function phaseOf(standing: Standing): NonNullable<DatabaseStatus['phase']> {
  if (standing.deleting) return 'Deleting';
  if (standing.problem !== undefined && !standing.primaryReady) return heldUp(standing.problem, standing.initialized);
  if (standing.recovering) return standing.diagnosis.some(isLasting) ? 'Failed' : 'Creating';
  return ofServers(standing);
}

function ofServers(standing: Standing): NonNullable<DatabaseStatus['phase']> {
  const { hibernates, existing, wanted, initialized } = standing;
  if (hibernates) return existing === 0 ? 'Hibernated' : 'Updating';
  const broken = standing.diagnosis.some(isLasting);
  if (!initialized) return broken ? 'Failed' : 'Creating';
  if (existing !== wanted) return 'Scaling';
  if (!standing.primaryReady) return broken ? 'Failed' : 'Updating';
  if (standing.outdated || standing.setLags) return 'Updating';
  return standing.ready < wanted ? 'Scaling' : 'Running';
}

function heldUp(problem: Problem, initialized: boolean): 'Updating' | 'Pending' | 'Failed' {
  if (problem.waits === true) return initialized ? 'Updating' : 'Pending';
  return problem.reason === 'EngineNotSupported' ? 'Pending' : 'Failed';
}
