/**
 * `helm install` of what ships, with certificates from cert-manager and with its own; then everything that must not be
 * noticed by somebody who writes: restarts, renewals, the end of the leader.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, repository, type Json } from '../cluster.ts';
import { databaseYaml } from '../environment.ts';
import { prepareInstallation, system, type Installation } from './installation.ts';
import { startLoad, type LoadReport } from './load.ts';
import { modes } from './modes.ts';
import { describeUsage } from './usage.ts';

const namespace = 'e2e-install';
const example = (name: string): Promise<string> => readFile(path.join(repository, 'examples', name), 'utf8');

for (const { title, sets, prepare, renewLeaf, renewCa } of modes) {
  describe(title, function () {
    this.timeout(480_000);
    let installation: Installation;
    let peak = 0;

    before(async () => {
      installation = await prepareInstallation(sets);
      const { cluster } = installation;
      await cluster.kubectl(['create', 'namespace', namespace]);
      await prepare?.(installation);
      await installation.install();
    });
    after(async () => {
      const { cluster } = installation;
      const all = ['databases,databaseusers', '--all', '-n', namespace];
      await cluster.kubectl(['delete', ...all, '--timeout=120s'], { timeoutMs: 150_000 });
      await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
      await installation.uninstall();
      await cluster.kubectl(['delete', 'namespace', system]);
    });

    const databasePod = (): Promise<Json | undefined> => installation.cluster.get('pod', namespace, 'orders-0');
    const database = (name: string): Promise<Json | undefined> => installation.cluster.get('database', namespace, name);
    const running = (name: string): Promise<Json> =>
      eventually(
        `Database ${name} is Running`,
        120_000,
        async () => {
          const object = await database(name);
          return object?.status?.['phase'] === 'Running' ? object : undefined;
        },
        async () => JSON.stringify((await database(name))?.status),
      );
    const report = async (): Promise<void> => {
      for (const [name, usage] of await installation.usage())
        process.stderr.write(`      ${name}: ${describeUsage(usage)}\n`);
    };
    /** Something happens while others write; nobody may notice. */
    const unnoticed = async (event: () => Promise<void>): Promise<void> => {
      const { cluster } = installation;
      const before = await installation.failedCalls();
      // What a test that failed has left.
      await cluster.expectKubectl(['delete', 'databases,databaseusers', '-n', namespace, '-l', 'load=yes']);
      const load = await startLoad(cluster.kubeconfig, namespace);
      let result: LoadReport;
      try {
        await delay(2_000);
        await event();
        peak = Math.max(peak, await installation.residentMiB());
        await delay(2_000);
        await report();
      } finally {
        result = await load.stop();
      }
      const { failures, creates, updates, slowest, perSecond } = result;
      const rate = `${creates} creates, ${updates} updates, ${perSecond.toFixed(0)} a second`;
      process.stderr.write(`      ${rate}, slowest ${slowest} ms, ${peak} MiB\n`);
      const failed = (await installation.failedCalls()) - before;
      assert.deepEqual({ failed, failures }, { failed: 0, failures: [] });
      assert.ok(perSecond > 40, `this machine is too busy for the load: ${rate}`);
    };

    it('refuses a bad example and makes a good one run', async () => {
      const { cluster } = installation;
      const bad = await cluster.kubectl(['apply', '-n', namespace, '-f', '-'], {
        input: await example('refused/many-faults.yaml'),
      });
      assert.notEqual(bad.code, 0);
      assert.match(bad.stderr, /is invalid[^]*metadata\.name[^]*spec\.replicas/);
      await cluster.expectKubectl(['apply', '-n', namespace, '-f', '-'], {
        input: await example('postgresql-minimal.yaml'),
      });
      await running('orders');
    });

    it('rollout-restart-zero-errors: restarts both replicas without a failed write', () =>
      unnoticed(async () => {
        await installation.cluster.expectKubectl(['rollout', 'restart', 'deployment/database-operator', '-n', system]);
        await installation.rollout();
      }));

    it('renews the certificate without a failed write', () =>
      unnoticed(async () => {
        const [before] = await installation.serials();
        await renewLeaf(installation);
        await allServe((serial) => serial !== before);
      }));

    it('renews the CA without a failed write', () =>
      unnoticed(async () => {
        const before = await installation.caBundle();
        const [serial] = await installation.serials();
        await renewCa(installation);
        await allServe((now) => now !== serial);
        assert.notEqual(await installation.caBundle(), before);
      }));

    const allServe = (is: (serial: string) => boolean): Promise<true> =>
      eventually('every pod serves the new certificate', 180_000, async () => {
        const serials = await installation.serials();
        return serials.length >= 2 && serials.every(is) && new Set(serials).size === 1;
      });

    it('loses its leader without a failed write', () =>
      unnoticed(async () => {
        const leader = await eventually('somebody leads', 60_000, () => installation.leader());
        const { cluster } = installation;
        await cluster.expectKubectl(['delete', 'pod', leader, '-n', system, '--wait=false']);
        await eventually(
          'somebody else leads',
          90_000,
          async () => ((await installation.leader()) ?? leader) !== leader,
        );
        await installation.rollout();
      }));

    it('away altogether, harms nothing that runs, and makes up for it afterwards', async () => {
      const { cluster } = installation;
      const scale = (replicas: number) =>
        cluster.expectKubectl(['scale', 'deployment/database-operator', '-n', system, `--replicas=${replicas}`]);
      const pod = async () => (await databasePod())?.metadata.uid;
      const before = await pod();
      await scale(0);
      await eventually('no replica is left', 90_000, async () => (await installation.pods()).length === 0);
      await eventually('a write is refused', 30_000, async () => {
        const input = databaseYaml('late', namespace, {
          engine: 'postgresql',
          version: '17',
          storage: { size: '1Gi' },
        });
        const { code, stderr } = await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], { input });
        return code !== 0 && stderr.includes('failed calling webhook');
      });
      await cluster.expectKubectl(['create', 'configmap', 'other', '-n', namespace]);
      await cluster.expectKubectl(['delete', 'service', 'orders-primary', '-n', namespace]);
      assert.equal(await pod(), before);
      await scale(2);
      await installation.rollout();
      await eventually('the Service is back', 60_000, () => cluster.get('service', namespace, 'orders-primary'));
      assert.equal(await pod(), before);
      await running('orders');
    });

    it('is upgraded without a failed write, and without a restart of a database', async () => {
      const before = await databasePod();
      await unnoticed(async () => {
        await installation.upgrade('0.1.999');
        await installation.rollout();
      });
      const [image] = (await installation.pods()).map(({ version }) => version);
      assert.equal(image, '0.1.999');
      await running('orders');
      const after = await databasePod();
      assert.equal(after?.metadata.uid, before?.metadata.uid);
      assert.equal(restartsOf(after), 0);
    });

    it('has lived inside its limits', async () => {
      const pods = await installation.pods();
      assert.equal(pods.length, 2);
      for (const { name, restarts, ended } of pods) assert.equal(restarts, 0, `${name}: ${ended ?? ''}`);
      assert.ok(peak > 0 && peak < 128, `${peak} MiB`);
      // The kubelet looks every ten to fifteen seconds.
      const counted = await eventually('the kubelet has counted', 60_000, async () => {
        const usage = await installation.usage();
        return pods.every(({ name }) => (usage.get(name)?.workingSet ?? 0) > 0) && usage;
      });
      await report();
      for (const [name, usage] of counted) {
        assert.equal(usage.outOfMemory, 0, name);
        assert.ok(usage.anonymous < 128 && usage.workingSet < 128, describeUsage(usage));
      }
    });

    it('leaves definitions and data when it is uninstalled, and finds them again', async () => {
      const { cluster } = installation;
      const pod = async () => (await databasePod())?.metadata.uid;
      const before = await pod();
      await installation.uninstall();
      assert.ok(await database('orders'));
      assert.equal(await pod(), before);
      const { stdout } = await cluster.kubectl([
        'get',
        'validatingwebhookconfiguration',
        'database-webhook',
        '--ignore-not-found',
      ]);
      assert.equal(stdout, '');
      await installation.install();
      await running('orders');
      assert.equal(await pod(), before);
    });
  });
}

const restartsOf = (pod: Json | undefined): number => {
  const statuses = (pod?.status?.['containerStatuses'] ?? []) as readonly { readonly restartCount: number }[];
  return statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
};
