/** The process against a real API server: certificates that it manages itself, election between replicas, restarts. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startOperator, type Operator } from '../operator.ts';
import {
  applyYaml,
  controlPlane,
  eventually,
  expectKubectl,
  getObject,
  installCrds,
  uniqueNamespace,
} from './harness.ts';
import { startTestOperator, type TestOperator } from './operator.ts';

interface Configuration {
  readonly webhooks: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

interface Lease {
  readonly spec: { readonly holderIdentity: string; readonly leaseTransitions?: number };
}

const kinds = ['validatingwebhookconfiguration', 'mutatingwebhookconfiguration'];
const database = (name: string, spec: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Database', metadata: { name }, spec });

describe('serve', function () {
  this.timeout(90_000);
  let operator: TestOperator;
  let namespace: string;

  const bundles = async (): Promise<readonly string[]> => {
    const all = await Promise.all(kinds.map((kind) => getObject<Configuration>(kind, undefined, 'database-webhook')));
    return all.flatMap((each) => each?.webhooks.map(({ clientConfig }) => clientConfig.caBundle ?? '') ?? []);
  };
  const residentMiB = async (pid: number): Promise<number> =>
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('serve');
    operator = await startTestOperator();
  });
  after(() => operator.stop());

  it('is ready within two seconds of its start', async () => {
    process.stderr.write(`      ready after ${operator.readyAfterMs} ms, ${await residentMiB(operator.pid)} MiB\n`);
    assert.ok(operator.readyAfterMs < 2_500, `${operator.readyAfterMs} ms, types stripped at run time`);
  });

  it('puts its CA into every webhook of both configurations', async () => {
    const all = await bundles();
    assert.equal(all.length, 3);
    assert.equal(new Set(all).size, 1);
    const ca = new X509Certificate(Buffer.from(all[0] ?? '', 'base64'));
    assert.ok(ca.ca && ca.subject.includes('database-operator webhook CA'));
  });

  it('mends a caBundle that somebody broke, within seconds', async () => {
    const [right] = await bundles();
    const path = '/webhooks/0/clientConfig/caBundle';
    const patch = JSON.stringify([{ op: 'remove', path }]);
    await expectKubectl(['patch', kinds[0] ?? '', 'database-webhook', '--type=json', '-p', patch]);
    const began = Date.now();
    await eventually(async () => (await bundles()).every((bundle) => bundle === right), 10_000);
    assert.ok(Date.now() - began < 5_000);
  });

  it('refuses through a real API server with every fault, and completes what is good', async () => {
    const bad = await applyYaml(
      database('bad', {
        engine: 'postgresql',
        version: '17',
        replicas: 3,
        backup: { schedule: 'x' },
        storage: { size: '1K' },
      }),
      namespace,
    );
    assert.notEqual(bad.code, 0);
    assert.match(bad.stderr, /is invalid/);
    assert.match(bad.stderr, /spec\.storage\.size/);
    assert.match(bad.stderr, /spec\.backup\.schedule/);
    const good = await applyYaml(
      database('good', { version: '17', storage: { size: '1Gi' }, paused: true }),
      namespace,
    );
    assert.equal(good.code, 0, good.stderr);
    const stored = await getObject<{ spec: { engine?: string } }>('database', namespace, 'good');
    assert.equal(stored?.spec.engine, 'postgresql');
  });

  it('protects its definitions while objects of them exist', async () => {
    const { stderr, code } = await (
      await controlPlane()
    ).kubectl(['delete', 'crd', 'databases.example.com', '--dry-run=server']);
    assert.notEqual(code, 0);
    assert.match(stderr, /delete them first/);
  });

  it('answers again after it was killed and started with another CA', async () => {
    await operator.kill();
    await operator.restart();
    await eventually(async () => {
      const { stderr } = await applyYaml(database('probe-primary', { version: '17' }), namespace);
      return stderr.includes('metadata.name');
    }, 15_000);
  });
});

describe('serve with --leader-elect', function () {
  this.timeout(90_000);
  const replicas: Operator[] = [];
  const lease = async (): Promise<Lease | undefined> => getObject<Lease>('lease', namespace, 'database-operator');
  const leading = (replica: Operator): boolean => replica.log().includes('"message":"leading"');
  let namespace: string;

  before(async () => {
    await installCrds();
    namespace = await uniqueNamespace('election');
    const { kubeconfig } = await controlPlane();
    const extra = [
      '--leader-elect',
      '--namespace',
      namespace,
      '--watch-namespace',
      namespace,
      '--webhook-configuration',
      'none',
    ];
    for (const port of [19_501, 19_503]) {
      replicas.push(await startOperator({ kubeconfig, host: '127.0.0.1', port, operationsPort: port + 1, extra }));
    }
  });
  after(async () => {
    for (const replica of replicas) await replica.kill();
  });

  it('has one leader, while both replicas are ready to admit', async () => {
    await eventually(() => Promise.resolve(replicas.some(leading)), 20_000);
    await delay(3_000);
    assert.equal(replicas.filter(leading).length, 1);
    assert.ok((await lease())?.spec.holderIdentity);
  });

  it('hands over at once when the leader is stopped', async () => {
    const [leader, follower] = replicas.toSorted((a, b) => Number(leading(b)) - Number(leading(a)));
    const before = (await lease())?.spec.holderIdentity;
    const began = Date.now();
    assert.equal(await leader!.stop(), 0);
    await eventually(() => Promise.resolve(leading(follower!)), 10_000);
    assert.ok(Date.now() - began < 10_000);
    assert.notEqual((await lease())?.spec.holderIdentity, before);
  });
});
