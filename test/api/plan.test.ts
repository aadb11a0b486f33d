/** `kubectl apply --dry-run=server` is a plan: what a person reads, through the real API server. */
import assert from 'node:assert/strict';
import { expectKubectl, eventually, installCrds, kubectl, uniqueNamespace } from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

type Spec = Readonly<Record<string, unknown>>;

const base: Spec = { engine: 'postgresql', version: '17.2', replicas: 3, storage: { size: '1Gi' }, paused: true };

describe('the plan of a change', function () {
  this.timeout(90_000);
  let operator: TestOperator;
  let namespace: string;

  const manifest = (spec: Spec): string =>
    JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Database', metadata: { name: 'orders' }, spec });
  const apply = (spec: Spec, ...flags: string[]) =>
    kubectl(['apply', '-n', namespace, ...flags, '-f', '-'], manifest({ ...base, ...spec }));
  /** Lines of the plan among the warnings, as kubectl prints them. */
  const planned = async (spec: Spec): Promise<readonly string[]> => {
    const { stderr, code } = await apply(spec, '--dry-run=server');
    assert.equal(code, 0, stderr);
    return planLines(stderr);
  };
  const planLines = (stderr: string): readonly string[] =>
    stderr.split('\n').flatMap((line) => (line.startsWith('Warning: plan') ? [line.slice('Warning: '.length)] : []));
  const version = (): Promise<string> =>
    expectKubectl(['get', 'db', 'orders', '-n', namespace, '-o', 'jsonpath={.metadata.resourceVersion}']);

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('plan');
    operator = await startTestOperator();
    const { code, stderr } = await apply({});
    assert.equal(code, 0, stderr);
    assert.deepEqual(planLines(stderr), [], 'what is new has no plan of change');
    // Its status is written once, and not again while it is paused.
    const paused = 'jsonpath={.status.conditions[?(@.type=="Paused")].status}';
    await eventually(
      async () => (await expectKubectl(['get', 'db', 'orders', '-n', namespace, '-o', paused])) === 'True',
    );
  });
  after(() => operator.stop());

  it('tells restarts in their order, each line once, and changes nothing', async () => {
    const before = await version();
    assert.deepEqual(await planned({ paused: false, config: { maxConnections: 50 } }), [
      'plan: restarts 3 servers one at a time, the primary last, after one switchover; settings are reloaded while servers run, no data moved',
      'plan: spec.paused ends: what was changed meanwhile is carried out too, which is not in this plan',
      'plan: because of spec.config.maxConnections',
      'plan 1: changes ConfigMap orders-config: reloaded in running servers',
      'plan 2: changes StatefulSet orders',
      'plan 3: restarts orders-2, then orders-1: clients move to another server',
      'plan 4: switches over from orders-0 once all others follow: writes pause for seconds',
      'plan 5: restarts orders-0: clients move to another server',
    ]);
    assert.equal(await version(), before);
  });

  it('tells what is only reloaded, and what is free', async () => {
    const [reload] = await planned({ config: { parameters: { work_mem: '8MB' } } });
    assert.match(reload ?? '', /^plan: nothing restarts; settings are reloaded/);
    assert.deepEqual(await planned({ deletionProtection: true }), [
      'plan: nothing changes in the cluster, nothing restarts',
    ]);
  });

  it('tells that a pause holds it back', async () => {
    const lines = await planned({ version: '17.5' });
    assert.ok(
      lines.includes('plan: spec.paused is true: nothing of this happens before it is false'),
      lines.join('\n'),
    );
  });

  it('tells of the maintenance window', async () => {
    const maintenanceWindow = { schedule: '0 3 29 2 *', duration: '1h' };
    const lines = await planned({ version: '17.5', maintenanceWindow });
    assert.ok(
      lines.some((line) => /wait for the maintenance window, which opens at \d{4}-02-29T03:00:00Z/.test(line)),
      lines.join('\n'),
    );
  });

  it('refuses what spec.changePolicy does not allow, at the field that costs it', async () => {
    const { code, stderr } = await apply({ changePolicy: 'NoRestart', version: '17.5' }, '--dry-run=server');
    assert.notEqual(code, 0);
    assert.match(stderr, /spec\.version: Forbidden: this change restarts 3 servers/);
    assert.match(stderr, /set spec\.changePolicy to Any in the same update/);
    assert.deepEqual(planLines(stderr), [], 'what is refused is not planned');
    const allowed = await apply({ changePolicy: 'NoRestart', replicas: 2 }, '--dry-run=server');
    assert.equal(allowed.code, 0, allowed.stderr);
  });

  it('says nothing of labels and status', async () => {
    const label = await kubectl(['label', 'db', 'orders', '-n', namespace, 'team=shop']);
    assert.deepEqual([label.code, label.stderr], [0, '']);
    const patch = JSON.stringify({ status: { phase: 'Pending' } });
    const status = await kubectl([
      'patch',
      'db',
      'orders',
      '-n',
      namespace,
      '--subresource=status',
      '--type=merge',
      '-p',
      patch,
    ]);
    assert.deepEqual([status.code, status.stderr], [0, '']);
    const again = await apply({});
    assert.deepEqual([again.code, planLines(again.stderr)], [0, []]);
  });

  it('tells what kubectl scale does, once the operator knows the object', async () => {
    await eventually(async () => {
      const { stderr } = await kubectl(['scale', 'db', 'orders', '-n', namespace, '--replicas=1', '--dry-run=server']);
      return planLines(stderr)[0] === 'plan: nothing restarts; stops 2 servers; volumes are kept';
    });
  });
});
