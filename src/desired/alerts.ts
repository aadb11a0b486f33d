/**
 * The alerts of one Database, as a group of Prometheus rules. Those about servers ask their exporters; those about backups and
 * readiness ask the operator's own metrics, and are silent where those are not scraped.
 */
import type { Database, MonitorThresholds } from '../api/types.generated.ts';
import type { EngineQueries } from '../engines/queries.ts';
import { parseDuration } from '../values/duration.ts';
import { bytesOf } from '../values/quantity-use.ts';
import { storageSize } from './configmaps.ts';
import { wantedPods } from './statefulset.ts';

export interface AlertInput {
  readonly database: Database;
  readonly queries: EngineQueries;
  readonly thresholds: MonitorThresholds;
  /** End of the Database's certificate, seconds since the epoch; absent: not known, no alert. */
  readonly certificateEnds?: number;
}

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly Alert[];
}

/** When alerts fire unless the DatabaseMonitor says otherwise. */
export const defaultThresholds = {
  connectionsPercent: 80,
  storagePercent: 85,
  replicationLag: '30s',
  backupAge: '26h',
} as const;

/** Each alert has an anchor of its own there. */
export const runbooks = 'https://example.com/database-operator/docs/monitoring.md';
/** A proof that did not come for so long is overdue. */
const longestProofAgeSeconds = 8 * 86_400;
/** A certificate that is not renewed by then is not renewed by itself. */
const certificateSeconds = 14 * 86_400;

export function alerts(input: AlertInput): AlertGroup {
  const { name, namespace = 'default' } = input.database.metadata;
  const rules = [
    ...(wantedPods(input) === 0 ? [] : [...ofServers(input), ...ofMembers(input), ...ofVolumes(input)]),
    ...ofOperator(input),
    ...ofCertificate(input),
  ];
  return { name: `database-operator/${namespace}/${name}`, rules: rules.map((rule) => labelled(rule, input.database)) };
}

/** An alert before it has what all of them have. */
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly description: string;
}

function labelled({ severity, summary, description, ...rule }: Rule, { metadata }: Database): Alert {
  const { name, namespace = 'default' } = metadata;
  return {
    ...rule,
    labels: { severity, namespace, database: name },
    annotations: {
      summary: `Database ${namespace}/${name}: ${summary}`,
      description,
      runbook_url: `${runbooks}#${rule.alert.toLowerCase()}`,
    },
  };
}

/** Of samples of a Database, whatever their exporter. */
export const selectorFor = ({ metadata }: Database): string =>
  `namespace="${metadata.namespace ?? 'default'}",database="${metadata.name}"`;

function ofServers({ database, queries, thresholds }: AlertInput): readonly Rule[] {
  const s = selectorFor(database);
  const answering = `count((${queries.up(s)}) == 1)`;
  const wanted = wantedPods({ database });
  const share = thresholds.connectionsPercent ?? defaultThresholds.connectionsPercent;
  return [
    {
      alert: 'DatabaseDown',
      expr: `(${answering} or vector(0)) == 0`,
      for: '1m',
      severity: 'critical',
      summary: 'no server answers',
      description: 'No exporter reaches its server, or no exporter is scraped.',
    },
    ...(wanted === 1
      ? []
      : [
          {
            alert: 'DatabaseMemberDown',
            expr: `${answering} < ${wanted}`,
            for: '5m',
            severity: 'warning' as const,
            summary: `{{ $value }} of ${wanted} servers answer`,
            description: 'A server that is away can not take over, and a smaller majority confirms writes.',
          },
        ]),
    {
      alert: 'DatabaseRestarting',
      expr: `(${queries.starts(s, '30m')}) > 2`,
      severity: 'warning',
      summary: '{{ $labels.pod }} has started {{ $value }} times within half an hour',
      description: 'Look at the last words of the server: status.diagnosis of the Database has them.',
    },
    {
      alert: 'DatabaseConnectionsNearLimit',
      expr: `100 * (${queries.connections(s)}) / on (pod) (${queries.mostConnections(s)}) > ${share}`,
      for: '5m',
      severity: 'warning',
      summary: '{{ $value | humanize }} % of the connections of {{ $labels.pod }} are taken',
      description: 'Whoever comes beyond the limit is turned away.',
    },
  ];
}

/** Who leads, and whether the others follow. */
function ofMembers({ database, queries, thresholds }: AlertInput): readonly Rule[] {
  const s = selectorFor(database);
  const leading = `sum(${queries.writable(s)})`;
  const lag = seconds(thresholds.replicationLag, defaultThresholds.replicationLag);
  return [
    {
      alert: 'DatabaseWithoutPrimary',
      expr: `(${leading} == 0) and on () (count((${queries.up(s)}) == 1) > 0)`,
      for: '1m',
      severity: 'critical',
      summary: 'no server takes writes',
      description: 'Servers answer, and none of them says that it takes writes.',
    },
    {
      alert: 'DatabaseTwoPrimaries',
      expr: `${leading} > 1`,
      for: '1m',
      severity: 'critical',
      summary: '{{ $value }} servers take writes',
      description: 'What is written on one of them will be lost: stop applications first.',
    },
    {
      alert: 'DatabaseReplicationLag',
      expr: `(${queries.lag(s)}) > ${lag}`,
      for: '2m',
      severity: 'warning',
      summary: '{{ $labels.pod }} is {{ $value | humanizeDuration }} behind',
      description: `More than ${lag} s: readers see old data, and a failover loses what has not arrived or takes as long.`,
    },
    {
      alert: 'DatabaseReplicationBroken',
      expr: queries.broken(s),
      for: '5m',
      severity: 'critical',
      summary: '{{ $labels.pod }} does not replicate',
      description: 'It receives or applies nothing any more, and can not take over without loss.',
    },
  ];
}

/** The kubelet's figures where they are scraped, which count everything on the volume; else what the engine counts itself. */
function ofVolumes({ database, queries, thresholds }: AlertInput): readonly Rule[] {
  const { name, namespace = 'default' } = database.metadata;
  const claims = `namespace="${namespace}",persistentvolumeclaim=~"data-${name}-[0-9]+"`;
  const volume = (what: string, range = ''): string => `kubelet_volume_stats_${what}{${claims}}${range}`;
  const used = `100 * (1 - ${volume('available_bytes')} / ${volume('capacity_bytes')})`;
  const share = thresholds.storagePercent ?? defaultThresholds.storagePercent;
  const capacity = bytesOf(storageSize(database));
  const counted = capacity === undefined ? undefined : queries.dataBytes?.(selectorFor(database));
  const unlessKubelet = `unless on () count(${volume('capacity_bytes')})`;
  const full = `${used} > ${share}`;
  const filling = `(predict_linear(${volume('available_bytes', '[6h]')}, 86400) < 0) and (${used} > ${share / 2})`;
  return [
    {
      alert: 'DatabaseStorageFull',
      expr:
        counted === undefined
          ? full
          : `(${full}) or ((100 * (${counted}) / ${capacity ?? 0} > ${share}) ${unlessKubelet})`,
      for: '5m',
      severity: 'warning',
      summary: '{{ $value | humanize }} % of a volume is used',
      description: 'A server whose volume is full stops: raise spec.storage.size, which needs no restart.',
    },
    {
      alert: 'DatabaseStorageFilling',
      expr:
        counted === undefined
          ? filling
          : `(${filling}) or (((predict_linear((${counted})[6h:5m], 86400) > ${capacity ?? 0}) and on (pod) (100 * (${counted}) / ${capacity ?? 0} > ${share / 2})) ${unlessKubelet})`,
      for: '30m',
      severity: 'warning',
      summary: 'a volume will be full within a day',
      description: 'So says the growth of the last six hours. Raise spec.storage.size, or find what grows.',
    },
  ];
}

/** What only the operator knows. */
function ofOperator({ database, thresholds }: AlertInput): readonly Rule[] {
  const { name, namespace = 'default' } = database.metadata;
  const known = (what: string): string =>
    `max(database_operator_database_${what}{database_namespace="${namespace}",database="${name}"})`;
  const age = seconds(thresholds.backupAge, defaultThresholds.backupAge);
  const olderThan = (last: string, most: number): string =>
    `((time() - ${known(last)} > ${most}) or ((time() - ${known('created_timestamp_seconds')} > ${most}) unless ${known(last)}))`;
  return [
    {
      alert: 'DatabaseNotReady',
      expr: `${known('ready')} == 0`,
      for: '15m',
      severity: 'warning',
      summary: 'the operator can not get it ready',
      description: `kubectl describe database ${name} -n ${namespace} says why.`,
    },
    {
      alert: 'DatabaseBackupFailed',
      expr: `${known('backup_failed')} == 1`,
      for: '5m',
      severity: 'warning',
      summary: 'the last backup failed',
      description: 'Earlier backups are still there; the log of the backup’s Job says what went wrong.',
    },
    {
      alert: 'DatabaseBackupStale',
      expr: `${olderThan('last_backup_timestamp_seconds', age)} and (${known('backup_wanted')} == 1)`,
      for: '10m',
      severity: 'critical',
      summary: 'the newest good backup is {{ $value | humanizeDuration }} old, or there is none',
      description: `Nothing written for more than ${age} s could be brought back.`,
    },
    {
      alert: 'DatabaseBackupUnproven',
      expr: `${olderThan('last_proof_timestamp_seconds', longestProofAgeSeconds)} and (${known('proof_wanted')} == 1)`,
      for: '1h',
      severity: 'warning',
      summary: 'no backup has been proven for {{ $value | humanizeDuration }}',
      description: 'Whether a backup can be restored is known once it has been restored.',
    },
  ];
}

const ofCertificate = ({ certificateEnds }: AlertInput): readonly Rule[] =>
  certificateEnds === undefined
    ? []
    : [
        {
          alert: 'DatabaseCertificateExpiring',
          expr: `${certificateEnds} - vector(time()) < ${certificateSeconds}`,
          for: '1h',
          severity: 'warning',
          summary: 'its certificate ends in {{ $value | humanizeDuration }}',
          description: 'It has not been renewed. Clients that check it will be turned away.',
        },
      ];

/** Admission has refused what can't be read. */
function seconds(written: string | undefined, otherwise: string): number {
  const parsed = parseDuration(written ?? otherwise);
  return parsed.ok ? Math.round(parsed.value / 1000) : seconds(otherwise, otherwise);
}
