/** What a DatabaseMonitor's status says. Pure. */
import type { KubernetesObject } from '../../api/object.ts';
import type { DatabaseMonitorStatus } from '../../api/types.generated.ts';
import { conditionsOf, type Verdict } from '../../status/conditions.ts';
import type { Decision, Observation, Problem } from './decide.ts';

export function monitorStatus(
  observation: Observation,
  { wanted, problem }: Decision,
  now: Date,
): DatabaseMonitorStatus {
  const { monitor, children, findings } = observation;
  const deployment = children.find(({ resource }) => resource.kind === 'Deployment')?.object;
  const named = (kind: string): string | undefined =>
    wanted.find(({ resource }) => resource.kind === kind)?.object.metadata.name;
  const [serviceMonitor, prometheusRule, dashboard] = [
    named('ServiceMonitor'),
    named('PrometheusRule'),
    named('ConfigMap'),
  ];
  const ready = readyVerdict(observation, problem, deployment);
  const fields = [...new Set(findings.map(({ field }) => field))];
  const { generation } = monitor.metadata;
  return {
    phase: ready.status === 'True' ? 'Ready' : problem === undefined || problem.waits === true ? 'Pending' : 'Failed',
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(serviceMonitor !== undefined && { serviceMonitor }),
    ...(prometheusRule !== undefined && { prometheusRule }),
    ...(dashboard !== undefined && { dashboard }),
    conditions: conditionsOf([ready, validVerdict(fields)], monitor.status?.conditions, now, generation),
  };
}

const no = (reason: string, message: string): Verdict => ({ type: 'Ready', status: 'False', reason, message });

function readyVerdict(
  { database }: Observation,
  problem: Problem | undefined,
  deployment: KubernetesObject | undefined,
): Verdict {
  if (problem !== undefined) return no(problem.reason, problem.message);
  if (database?.spec.hibernate === true) {
    return {
      type: 'Ready',
      status: 'True',
      reason: 'Hibernated',
      message: 'nothing is watched while the Database hibernates',
    };
  }
  const { availableReplicas = 0 } = (deployment?.['status'] ?? {}) as { readonly availableReplicas?: number };
  if (availableReplicas === 0) {
    const name = deployment?.metadata.name ?? 'of the exporters';
    return no(
      'ExportersStarting',
      `the pod of Deployment ${name} is not available yet: kubectl describe it if that lasts`,
    );
  }
  const message = 'the exporters run, and Prometheus is told what to scrape';
  return { type: 'Ready', status: 'True', reason: 'ServiceMonitorMade', message };
}

const validVerdict = (fields: readonly string[]): Verdict =>
  fields.length === 0
    ? { type: 'AdmissionValid', status: 'True', reason: 'Valid', message: 'the rules of admission hold' }
    : {
        type: 'AdmissionValid',
        status: 'False',
        reason: 'Invalid',
        message: `these fields are to be put right: ${fields.join(', ')}`,
      };
