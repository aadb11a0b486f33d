/** The loop and its queues, under controller-runtime's and client-go's names. */
import { reconcileBuckets, type MetricFactory } from './metric-factory.ts';

export type ReconcileResult = 'success' | 'error' | 'requeue' | 'requeue_after';

export interface ControllerMetrics {
  reconciled(controller: string, result: ReconcileResult, seconds: number): void;
  panic(controller: string): void;
  /** A step of a plan was taken. */
  stepped(controller: string, action: string, kind: string): void;
  /** A regular backup has ended. */
  backedUp(result: 'succeeded' | 'failed'): void;
  timeout(controller: string): void;
  /** Workers that are busy. */
  workers(controller: string, busy: number, most: number): void;
  queue: {
    added(name: string): void;
    retried(name: string): void;
    depth(name: string, depth: number): void;
    waited(name: string, seconds: number): void;
    worked(name: string, seconds: number): void;
  };
}

export function controllerMetrics(make: MetricFactory, controllers: readonly string[]): ControllerMetrics {
  const name = ['name'];
  const controller = ['controller'];
  const total = make.counter('controller_runtime_reconcile_total', 'Passes by result.', ['controller', 'result']);
  const errors = make.counter('controller_runtime_reconcile_errors_total', 'Passes that failed.', controller);
  const panics = make.counter('controller_runtime_reconcile_panics_total', 'Passes that ended in a bug.', controller);
  const timeouts = make.counter('controller_runtime_reconcile_timeouts_total', 'Passes cut for time.', controller);
  const seconds = make.histogram(
    'controller_runtime_reconcile_time_seconds',
    'Time of a pass.',
    controller,
    reconcileBuckets,
  );
  const steps = make.counter('database_operator_steps_total', 'Steps that were taken.', [
    'controller',
    'action',
    'kind',
  ]);
  const backups = make.counter('database_operator_backups_total', 'Regular backups that ended.', ['result']);
  for (const result of ['succeeded', 'failed']) backups.inc({ result }, 0);
  const active = make.gauge('controller_runtime_active_workers', 'Workers that are busy.', controller);
  const most = make.gauge('controller_runtime_max_concurrent_reconciles', 'Workers at most.', controller);
  const depth = make.gauge('workqueue_depth', 'Keys waiting.', name);
  const adds = make.counter('workqueue_adds_total', 'Keys added.', name);
  const retries = make.counter('workqueue_retries_total', 'Keys added again after a failure.', name);
  const waited = make.histogram('workqueue_queue_duration_seconds', 'How long keys waited.', name, reconcileBuckets);
  const worked = make.histogram(
    'workqueue_work_duration_seconds',
    'How long keys were worked on.',
    name,
    reconcileBuckets,
  );
  for (const each of controllers) {
    for (const result of ['success', 'error', 'requeue', 'requeue_after']) total.inc({ controller: each, result }, 0);
    for (const counter of [errors, panics, timeouts]) counter.inc({ controller: each }, 0);
    depth.set({ name: each }, 0);
    active.set({ controller: each }, 0);
    for (const counter of [adds, retries]) counter.inc({ name: each }, 0);
  }
  return {
    reconciled: (which, result, elapsed) => {
      total.inc({ controller: which, result });
      if (result === 'error') errors.inc({ controller: which });
      seconds.observe({ controller: which }, elapsed);
    },
    stepped: (which, action, kind) => steps.inc({ controller: which, action, kind }),
    backedUp: (result) => backups.inc({ result }),
    panic: (which) => panics.inc({ controller: which }),
    timeout: (which) => timeouts.inc({ controller: which }),
    workers: (which, busy, limit) => {
      active.set({ controller: which }, busy);
      most.set({ controller: which }, limit);
    },
    queue: {
      added: (which) => adds.inc({ name: which }),
      retried: (which) => retries.inc({ name: which }),
      depth: (which, count) => depth.set({ name: which }, count),
      waited: (which, elapsed) => waited.observe({ name: which }, elapsed),
      worked: (which, elapsed) => worked.observe({ name: which }, elapsed),
    },
  };
}
