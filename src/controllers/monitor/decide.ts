/** What a DatabaseMonitor is to become now, and why not if it is to become nothing. Pure. */
import type { RuleFinding } from '../../admission/finding.ts';
import type { KubernetesObject, Resource } from '../../api/object.ts';
import { PrometheusRule, ServiceMonitor } from '../../api/resources.ts';
import type { Database, DatabaseMonitor } from '../../api/types.generated.ts';
import type { DesiredObject } from '../../desired/index.ts';
import { monitorObjects } from '../../desired/monitor.ts';
import { ownerKindLabel, ownerNameLabel, ownerNamespaceLabel } from '../../desired/names.ts';
import type { Engine } from '../../engines/engine.ts';
import { plan } from '../../planning/plan.ts';
import { keyOf, type Entry } from '../../planning/observed.ts';
import type { Step } from '../../planning/step.ts';

export interface Observation {
  readonly monitor: DatabaseMonitor;
  /** With its defaults; undefined: there is none. */
  readonly database: Database | undefined;
  readonly engine: Engine | undefined;
  /** What the rules of admission have against it now. */
  readonly findings: readonly RuleFinding[];
  /** Other DatabaseMonitors of the same Database. */
  readonly rivals: readonly KubernetesObject[];
  /** Made for it, or under a name that it needs. */
  readonly children: readonly Entry[];
  /** Kinds that the cluster does not have. */
  readonly isAbsent: (resource: Resource) => boolean;
  readonly certificateEnds: number | undefined;
}

/** Why nothing, or not everything, is done. */
export interface Problem {
  readonly reason: string;
  readonly message: string;
  /** True: it passes by itself. */
  readonly waits?: boolean;
}

export interface Decision {
  readonly steps: readonly Step[];
  readonly problem: Problem | undefined;
  /** What it is to be made of, where the cluster knows the kind. */
  readonly wanted: readonly DesiredObject[];
}

export function decide(observation: Observation): Decision {
  const barred = barrier(observation);
  if (barred?.keeps === true) return { steps: [], problem: barred.problem, wanted: [] };
  const all = barred === undefined ? objectsOf(observation) : [];
  const possible = all.filter(({ resource }) => !observation.isAbsent(resource));
  const foreign = observation.children.filter(({ object }) => !isOurs(object, observation.monitor));
  const taken = new Set(foreign.map(keyOf));
  const wanted = possible.filter((desired) => !taken.has(keyOf(desired)));
  const children = observation.children.filter((entry) => !taken.has(keyOf(entry)));
  const steps = plan({ children, pods: [], claims: [] }, { objects: wanted, storage: '0', primary: '' });
  return { steps, wanted, problem: barred?.problem ?? conflict(foreign) ?? missing(all, observation) };
}

/** What is left of one that is gone. */
export const removal = (children: readonly Entry[]): readonly Step[] =>
  plan({ children, pods: [], claims: [] }, { objects: [], storage: '0', primary: '' });

function objectsOf({ monitor, database, engine, certificateEnds }: Observation): readonly DesiredObject[] {
  if (database === undefined || engine === undefined) return [];
  return monitorObjects({ monitor, database, engine, ...(certificateEnds !== undefined && { certificateEnds }) });
}

export const isOurs = ({ metadata: { labels = {} } }: KubernetesObject, { metadata }: KubernetesObject): boolean =>
  labels[ownerKindLabel] === 'DatabaseMonitor' &&
  labels[ownerNameLabel] === metadata.name &&
  labels[ownerNamespaceLabel] === (metadata.namespace ?? 'default');

interface Barrier {
  readonly problem: Problem;
  /** What was made stays as it is; otherwise it is taken down. */
  readonly keeps?: boolean;
}

function barrier(observation: Observation): Barrier | undefined {
  const { monitor, database, engine, findings } = observation;
  const { name, namespace = monitor.metadata.namespace ?? 'default' } = monitor.spec.databaseRef;
  const lost = findings.find(({ field }) => field.startsWith('spec.databaseRef'));
  if (lost !== undefined) return { problem: { reason: 'ReferenceRefused', message: `${lost.field}: ${lost.message}` } };
  if (database?.spec.monitoring?.enabled === true) {
    const message = `Database ${namespace}/${name} has spec.monitoring enabled: switch that off, or delete this object`;
    return { problem: { reason: 'AlreadyMonitored', message } };
  }
  const elder = elderOf(observation);
  if (elder !== undefined) {
    const message = `DatabaseMonitor ${elder} watches Database ${namespace}/${name} already: delete one of the two`;
    return { problem: { reason: 'AlreadyMonitored', message } };
  }
  const faults = findings.filter(({ field }) => !field.startsWith('spec.databaseRef'));
  if (faults.length > 0) {
    const fields = [...new Set(faults.map(({ field }) => field))].join(', ');
    return { keeps: true, problem: { reason: 'Invalid', message: `these fields are to be put right: ${fields}` } };
  }
  if (database === undefined) {
    const message = `Database ${namespace}/${name} does not exist, or the operator does not watch its namespace`;
    return { problem: { reason: 'DatabaseMissing', message, waits: true } };
  }
  if (engine?.runtime === undefined) {
    return {
      problem: { reason: 'EngineNotSupported', message: `this release does not run ${engine?.title ?? 'its engine'}` },
    };
  }
  return undefined;
}

/** Admission lets no second one in; should two have slipped past it, the older one counts. */
function elderOf({ monitor, rivals }: Observation): string | undefined {
  const rank = ({ metadata }: KubernetesObject): string =>
    `${metadata.creationTimestamp ?? ''} ${metadata.namespace ?? ''}/${metadata.name}`;
  const elder = rivals.find((rival) => rank(rival) < rank(monitor));
  return elder && `${elder.metadata.namespace ?? ''}/${elder.metadata.name}`;
}

function conflict([first]: readonly Entry[]): Problem | undefined {
  if (first === undefined) return undefined;
  const { kind, metadata } = first.object;
  const message = `${kind} ${metadata.namespace ?? ''}/${metadata.name} exists and is not this DatabaseMonitor’s: rename or delete it`;
  return { reason: 'NameConflict', message };
}

function missing(all: readonly DesiredObject[], { isAbsent }: Observation): Problem | undefined {
  const needs = (resource: Resource): boolean => all.some((one) => one.resource === resource) && isAbsent(resource);
  const message = 'install the Prometheus operator’s CRDs; what is missing is made then';
  if (needs(ServiceMonitor)) {
    return {
      reason: 'ServiceMonitorNotInstalled',
      message: `the cluster has no ServiceMonitor kind: ${message}`,
      waits: true,
    };
  }
  if (needs(PrometheusRule)) {
    return {
      reason: 'PrometheusRuleNotInstalled',
      message: `the cluster has no PrometheusRule kind: ${message}`,
      waits: true,
    };
  }
  return undefined;
}
