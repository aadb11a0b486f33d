import assert from 'node:assert/strict';
import { createMetrics } from './metrics.ts';

const options = {
  version: '1.2.3',
  webhookPaths: ['/mutate'],
  controllers: ['Database'],
  ruleIds: ['DB001'],
  resources: ['databases'],
  residentBytes: () => 42,
};

/** Value of one series; undefined when it is not there. */
async function value(metrics: ReturnType<typeof createMetrics>, series: string): Promise<number | undefined> {
  const line = (await metrics.render()).split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe('metrics', () => {
  it('start at 0 for what is known beforehand', async () => {
    const metrics = createMetrics(options);
    for (const series of [
      'controller_runtime_webhook_requests_total{webhook="/mutate",code="200"}',
      'controller_runtime_webhook_requests_in_flight{webhook="/mutate"}',
      'controller_runtime_webhook_latency_seconds_count{webhook="/mutate"}',
      'controller_runtime_webhook_panics_total',
      'controller_runtime_reconcile_total{controller="Database",result="error"}',
      'workqueue_depth{name="Database"}',
      'database_operator_admission_findings_total{rule="DB001"}',
      'certwatcher_read_certificate_errors_total',
      'webhook_cert_not_after_seconds',
    ]) {
      assert.equal(await value(metrics, series), 0, series);
    }
    assert.equal(await value(metrics, 'process_resident_memory_bytes'), 42);
  });

  it('count a request from its beginning to its answer', async () => {
    const metrics = createMetrics(options);
    const end = metrics.webhook.requests('/mutate')();
    assert.equal(await value(metrics, 'controller_runtime_webhook_requests_in_flight{webhook="/mutate"}'), 1);
    end(200);
    assert.equal(await value(metrics, 'controller_runtime_webhook_requests_in_flight{webhook="/mutate"}'), 0);
    assert.equal(await value(metrics, 'controller_runtime_webhook_requests_total{webhook="/mutate",code="200"}'), 1);
    assert.equal(await value(metrics, 'controller_runtime_webhook_latency_seconds_count{webhook="/mutate"}'), 1);
  });

  it('count decisions and the rules that spoke', async () => {
    const metrics = createMetrics(options);
    metrics.webhook.decision({
      operation: 'CREATE',
      resource: 'databases',
      allowed: false,
      dryRun: true,
      rules: ['DB001'],
    });
    const series =
      'database_operator_admission_decisions_total{operation="CREATE",resource="databases",allowed="false",dry_run="true"}';
    assert.equal(await value(metrics, series), 1);
    assert.equal(await value(metrics, 'database_operator_admission_findings_total{rule="DB001"}'), 1);
  });

  it('count names that anybody can make up together: they would fill the memory', async () => {
    const metrics = createMetrics(options);
    for (let index = 0; index < 3; index++) {
      const resource = `made-up-${index}`;
      metrics.webhook.decision({ operation: 'CREATE', resource, allowed: true, dryRun: false, rules: [] });
    }
    const text = await metrics.render();
    assert.match(text, /decisions_total\{operation="CREATE",resource="other",allowed="true",dry_run="false"\} 3\n/);
    assert.doesNotMatch(text, /made-up/);
  });

  it('say the same when they are read twice', async () => {
    const metrics = createMetrics(options);
    metrics.webhook.requests('/mutate')()(200);
    const series = 'controller_runtime_webhook_requests_total{webhook="/mutate",code="200"}';
    assert.deepEqual([await value(metrics, series), await value(metrics, series)], [1, 1]);
  });

  it('count an error of a pass twice over: as a result and as an error', async () => {
    const metrics = createMetrics(options);
    metrics.controller.reconciled('Database', 'error', 0.1);
    metrics.controller.reconciled('Database', 'success', 0.1);
    assert.equal(await value(metrics, 'controller_runtime_reconcile_errors_total{controller="Database"}'), 1);
    assert.equal(await value(metrics, 'controller_runtime_reconcile_time_seconds_count{controller="Database"}'), 2);
  });

  it('are apart for each registry', async () => {
    const [one, other] = [createMetrics(options), createMetrics(options)];
    one.webhook.panic();
    assert.equal(await value(other, 'controller_runtime_webhook_panics_total'), 0);
  });
});
