/** The conditions of a Database: what each says, and why. */
import { backupVerdict, logVerdict } from './backup.ts';
import type { Verdict } from './conditions.ts';
import type { Standing, StatusInput } from './standing.ts';

export function verdictsOf(input: StatusInput, standing: Standing): readonly Verdict[] {
  const { database } = input;
  return [
    readyVerdict(standing),
    progressVerdict(standing),
    degradedVerdict(standing),
    validVerdict(input.invalidFields),
    ...(input.recovery === undefined ? [] : [input.recovery.verdict]),
    ...(standing.initialized ? [initializedVerdict] : []),
    ...backupVerdict(database, input.backup),
    ...logVerdict(database, input.backup),
    ...monitorVerdict(input),
    ...(database.spec.paused === true
      ? [
          {
            type: 'Paused',
            status: 'True',
            reason: 'SpecPaused',
            message: 'spec.paused is true: the operator only reports. Set it to false to go on.',
          } as const,
        ]
      : []),
  ];
}

const initializedVerdict: Verdict = {
  type: 'Initialized',
  status: 'True',
  reason: 'HasServed',
  message: 'the volume holds data: an empty one in its place will be refused',
};

function readyVerdict(standing: Standing): Verdict {
  const { primaryReady, problem, hibernates, wanted, initialized, deleting, recovering } = standing;
  const no = (reason: string, message: string): Verdict => ({ type: 'Ready', status: 'False', reason, message });
  if (deleting) return no('Deleting', 'the Database is being deleted');
  if (primaryReady)
    return { type: 'Ready', status: 'True', reason: 'PrimaryReady', message: 'the primary takes writes' };
  if (problem !== undefined) return no(problem.reason, problem.message);
  if (hibernates && wanted === 0)
    return no('Hibernated', 'spec.hibernate is true: set it to false to start the servers');
  if (recovering) return no('Recovering', 'the data of the backup is not there yet; see the condition Recovered');
  return initialized
    ? no('PrimaryNotReady', standing.primaryWaits ?? 'the primary does not answer; see status.diagnosis')
    : no('Creating', 'the primary has not started yet');
}

function progressVerdict({ problem, pending, setLags, outdated, existing, wanted, deleting }: Standing): Verdict {
  const yes = (reason: string, message: string): Verdict => ({ type: 'Progressing', status: 'True', reason, message });
  if (deleting) return yes(problem?.reason ?? 'Deleting', problem?.message ?? 'children are being removed');
  if (problem !== undefined) {
    return {
      type: 'Progressing',
      status: problem.waits ? 'True' : 'False',
      reason: problem.reason,
      message: problem.message,
    };
  }
  if (pending.length > 0) return yes('Acting', [...new Set(pending)].join('; '));
  if (setLags || existing !== wanted) return yes('Scaling', `${existing} of ${wanted} servers exist`);
  if (outdated) return yes('Restarting', 'servers restart one at a time to take over a change');
  return { type: 'Progressing', status: 'False', reason: 'Settled', message: 'everything is as the spec says' };
}

function degradedVerdict({
  diagnosis,
  problem,
  ready,
  wanted,
  initialized,
  primaryReady,
  lame,
  deleting,
}: Standing): Verdict {
  const yes = (reason: string, message: string): Verdict => ({ type: 'Degraded', status: 'True', reason, message });
  if (problem !== undefined && problem.waits !== true && !deleting) return yes(problem.reason, problem.message);
  const [first] = diagnosis;
  if (first !== undefined) return yes('Diagnosed', `${first.cause} (${first.evidence}): ${first.action}`);
  if (initialized && wanted > 0 && ready < wanted && !deleting) {
    return yes(
      'MembersNotReady',
      `${ready} of ${wanted} servers answer${primaryReady ? '' : ', the primary does not'}`,
    );
  }
  if (initialized && lame.length > 0 && !deleting) {
    return yes('ReplicaNotFollowing', lame.map(({ member, why }) => `${member}: ${why}`).join('; '));
  }
  return { type: 'Degraded', status: 'False', reason: 'Healthy', message: 'no fault is known' };
}

const validVerdict = (fields: readonly string[]): Verdict =>
  fields.length === 0
    ? { type: 'AdmissionValid', status: 'True', reason: 'Valid', message: 'the rules of admission hold' }
    : {
        type: 'AdmissionValid',
        status: 'False',
        reason: 'Invalid',
        message: `nothing is acted on until these fields are put right: ${fields.join(', ')}`,
      };

function monitorVerdict({ database, serviceMonitors }: StatusInput): readonly Verdict[] {
  if (database.spec.monitoring?.enabled !== true) return [];
  return [
    serviceMonitors
      ? {
          type: 'MonitorReady',
          status: 'True',
          reason: 'ServiceMonitorMade',
          message: 'Prometheus is told what to scrape',
        }
      : {
          type: 'MonitorReady',
          status: 'False',
          reason: 'ServiceMonitorNotInstalled',
          message:
            'the cluster has no ServiceMonitor kind: install the Prometheus operator’s CRDs; it is picked up then',
        },
  ];
}
