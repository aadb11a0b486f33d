/** What stands still, and what does not, while no operator answers. */
import assert from 'node:assert/strict';
import { expectKubectl, installCrds, kubectl, uniqueNamespace } from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

const database = (name: string, namespace: string): string =>
  JSON.stringify({
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name, namespace },
    spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' } },
  });

describe('all-replicas-down-blast-radius', function () {
  this.timeout(60_000);
  let operator: TestOperator;
  let namespace: string;

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('outage');
    operator = await startTestOperator(['--watch-namespace', 'nowhere']);
    await expectKubectl(['create', '-f', '-'], database('orders', namespace));
    await operator.kill();
  });
  after(() => operator.stop());

  it('our kinds are refused by name of the webhook, nothing slips in', async () => {
    for (const args of [
      ['create', '-f', '-'],
      ['create', '--dry-run=server', '-f', '-'],
    ]) {
      const { code, stderr } = await kubectl(args, database('more', namespace));
      assert.equal(code, 1);
      assert.match(stderr, /failed calling webhook "mutate\.database\.example\.com"/);
    }
    const { stderr } = await kubectl(['delete', 'database', 'orders', '-n', namespace]);
    assert.match(stderr, /failed calling webhook "validate\.database\.example\.com"/);
  });

  it('everything else works', async () => {
    await expectKubectl(['create', 'configmap', 'other', '-n', namespace]);
    await expectKubectl(['create', 'deployment', 'other', '--image=example.org/other:1', '-n', namespace]);
    await expectKubectl(['run', 'other', '--image=example.org/other:1', '-n', namespace]);
    await expectKubectl(['get', 'databases', '-n', namespace]);
  });

  it('the status of our kinds is written: it is not matched', async () => {
    const patch = '{"status":{"phase":"Running"}}';
    await expectKubectl([
      ...['patch', 'database', 'orders', '-n', namespace, '--subresource=status'],
      ...['--type=merge', '-p', patch],
    ]);
  });

  it('a person can always take the webhook away', async () => {
    const patch = '{"metadata":{"labels":{"touched":"yes"}}}';
    await expectKubectl([
      ...['patch', 'validatingwebhookconfiguration', 'database-webhook'],
      ...['--type=merge', '-p', patch],
    ]);
  });

  it('is over when an operator is back', async () => {
    await operator.restart();
    const { code, stderr } = await kubectl(['create', '-f', '-'], database('later', namespace));
    assert.equal(code, 0, stderr);
  });
});
