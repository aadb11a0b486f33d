/** Admission requests, decisions and the serving certificate. */
import { latencyBuckets, type MetricFactory } from './metric-factory.ts';

export interface AdmissionDecision {
  readonly operation: string;
  /** Plural, e.g. `databases`; with a subresource `databases/scale`. */
  readonly resource: string;
  readonly allowed: boolean;
  readonly dryRun: boolean;
  /** Ids of the rules that had something to say. */
  readonly rules: readonly string[];
}

export interface WebhookMetrics {
  /** Of one path: call it when a request begins; the answer ends that with its HTTP code. */
  requests(path: string): () => (code: number) => void;
  panic(): void;
  overdue(): void;
  decision(decision: AdmissionDecision): void;
}

export interface CertificateMetrics {
  read(): void;
  readError(): void;
  /** Seconds since the epoch of the served certificate's end; 0 when none is served. */
  notAfter(seconds: number): void;
}

export interface KnownLabels {
  /** Paths of the webhook that start at 0. */
  readonly webhookPaths?: readonly string[];
  /** What decisions are counted under; any other name, which anybody can make up, counts as `other`. */
  readonly resources?: readonly string[];
  readonly ruleIds?: readonly string[];
}

export function webhookMetrics(make: MetricFactory, known: KnownLabels): WebhookMetrics {
  const latency = make.histogram(
    'controller_runtime_webhook_latency_seconds',
    'Time the server took for an admission request.',
    ['webhook'],
    latencyBuckets,
  );
  const requests = make.cells(
    'counter',
    'controller_runtime_webhook_requests_total',
    'Admission requests by HTTP code.',
    ['webhook', 'code'],
  );
  const inFlight = make.cells(
    'gauge',
    'controller_runtime_webhook_requests_in_flight',
    'Admission requests being answered.',
    ['webhook'],
  );
  const panics = make.counter('controller_runtime_webhook_panics_total', 'Admission requests that ended in a bug.');
  const overdue = make.counter(
    'database_operator_webhook_overdue_total',
    'Admission requests answered with an error because their time was nearly up.',
  );
  const decisions = make.cells('counter', 'database_operator_admission_decisions_total', 'Admission decisions.', [
    'operation',
    'resource',
    'allowed',
    'dry_run',
  ]);
  const findings = make.cells('counter', 'database_operator_admission_findings_total', 'Findings of rules, by rule.', [
    'rule',
  ]);
  for (const webhook of known.webhookPaths ?? []) {
    latency.zero({ webhook });
    inFlight([webhook]);
    for (const code of ['200', '400', '413', '500']) requests([webhook, code]);
  }
  for (const rule of known.ruleIds ?? []) findings([rule]);
  const resources = new Set(known.resources);
  return {
    requests: (webhook) => {
      const seconds = latency.labels({ webhook });
      const open = inFlight([webhook]);
      return () => {
        const began = performance.now();
        open.value += 1;
        return (code) => {
          open.value -= 1;
          requests([webhook, String(code)]).value += 1;
          seconds.observe((performance.now() - began) / 1000);
        };
      };
    },
    panic: () => panics.inc(),
    overdue: () => overdue.inc(),
    decision: ({ operation, resource, allowed, dryRun, rules }) => {
      const counted = resources.has(resource) ? resource : 'other';
      decisions([operation, counted, String(allowed), String(dryRun)]).value += 1;
      for (const rule of rules) findings([rule]).value += 1;
    },
  };
}

export function certificateMetrics(make: MetricFactory): CertificateMetrics {
  const reads = make.counter('certwatcher_read_certificate_total', 'Reads of the serving certificate.');
  const errors = make.counter('certwatcher_read_certificate_errors_total', 'Reads that gave no usable certificate.');
  const notAfter = make.gauge(
    'webhook_cert_not_after_seconds',
    'End of the served certificate, seconds since the epoch; 0 when none is served.',
  );
  return { read: () => reads.inc(), readError: () => errors.inc(), notAfter: (seconds) => notAfter.set(seconds) };
}
