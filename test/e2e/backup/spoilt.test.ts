/**
 * A stored backup that is spoilt by hand, in each of four ways, on the volume where it lies: each is found by a proof and
 * named in the condition Verified. The earlier proof is told beside it.
 */
import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import type { BackupManifest } from '../../../src/api/backup-order.ts';
import { loadAgent } from '../agent.ts';
import { eventually, type Cluster, type Json } from '../cluster.ts';
import { databaseYaml, startEnvironment, type Environment } from '../environment.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

const verifiedOf = (object: Json | undefined): Condition | undefined => {
  const { conditions = [] } = (object?.status ?? {}) as { conditions?: readonly Condition[] };
  return conditions.find(({ type }) => type === 'Verified');
};

describe('a spoilt backup', function () {
  this.timeout(600_000);
  const backup = 'spoilt';
  const proofJobs = `${backup}-dbverify`;
  let environment: Environment;
  let cluster: Cluster;
  let namespace: string;
  let proofs = 0;
  /** Path of the folder with manifest and objects, in the pod that has the volume. */
  let folder: string;
  let manifest: BackupManifest;

  before(async () => {
    environment = await startEnvironment('backup', ['postgres-17'], loadAgent);
    ({ cluster, namespace } = environment);
    const spec = { engine: 'postgresql', version: '17', storage: { size: '1Gi' } };
    await apply(databaseYaml('shop', namespace, spec));
    await environment.phase('shop', 'Running');
    const rows = 'INSERT INTO items SELECT n, md5(n::text) FROM generate_series(1, 20000) n';
    await environment.psqlEventually('shop', `CREATE TABLE items (id bigint PRIMARY KEY, body text); ${rows}`);
    // Far away: proofs are begun by hand.
    const verify = { enabled: true, schedule: '0 0 1 1 *', storage: { size: '1Gi' } };
    const wanted = { databaseRef: { name: 'shop' }, destination: { pvc: { size: '1Gi' } }, verify };
    await apply(object('example.com/v1', 'DatabaseBackup', backup, wanted));
    const made = await eventually('the backup is made', 300_000, async () => {
      const found = await cluster.get('databasebackup', namespace, backup);
      return found?.status?.['phase'] === 'Completed' ? found : undefined;
    });
    folder = String(made.status?.['location']);
    await apply(object('v1', 'Pod', 'hand', handSpec));
    await cluster.expectKubectl(['wait', '--for=condition=Ready', 'pod/hand', '-n', namespace, '--timeout=120s']);
    await hand('cp -r "$0" /tmp/whole', folder);
    manifest = JSON.parse(await hand('cat "$0/manifest.json"', folder)) as BackupManifest;
  });
  after(() => environment.stop());

  const object = (apiVersion: string, kind: string, name: string, spec: object): string =>
    stringify({ apiVersion, kind, metadata: { name, namespace }, spec });

  async function apply(yaml: string): Promise<void> {
    const { code, stderr } = await cluster.apply(yaml);
    assert.equal(code, 0, stderr);
  }

  /** As the backup's own pods do it. */
  const handSpec = {
    securityContext: { runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } },
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'hand',
        image: 'postgres:17',
        command: ['sleep', '86400'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'backup', mountPath: '/backup' }],
      },
    ],
    volumes: [{ name: 'backup', persistentVolumeClaim: { claimName: `${backup}-dbbackup-pvc` } }],
  };

  /** Runs shell in the pod that has the volume; `$0` is `argument`. */
  const hand = (script: string, argument: string, input = ''): Promise<string> =>
    cluster.expectKubectl(['exec', '-i', 'hand', '-n', namespace, '--', 'sh', '-ec', script, argument], { input });

  const firstObject = (): string => {
    const [stream] = manifest.streams.filter(({ kind }) => kind === 'database');
    const name = stream?.objects[0]?.name;
    assert.ok(name, 'no database is in the backup');
    return `${folder}/${name}`;
  };

  const writeManifest = (changed: BackupManifest): Promise<string> =>
    hand('cat > "$0/manifest.json"', folder, JSON.stringify(changed));

  /** A proof now; answers the condition once it is about that proof, and the object. */
  async function prove(): Promise<{ readonly verified: Condition; readonly object: Json }> {
    const before = (await cluster.get('databasebackup', namespace, backup))?.status?.['lastVerified'];
    const job = `${proofJobs}-${(proofs += 1)}`;
    await cluster.expectKubectl(['create', 'job', job, `--from=cronjob/${proofJobs}`, '-n', namespace]);
    const found = await eventually(
      `the proof ${job} is told`,
      400_000,
      async () => {
        const current = await cluster.get('databasebackup', namespace, backup);
        return current?.status?.['lastVerified'] === before ? undefined : current;
      },
      async () => (await cluster.kubectl(['get', 'jobs,pods,events', '-n', namespace])).stdout.slice(-4000),
    );
    const verified = verifiedOf(found);
    assert.ok(verified);
    process.stderr.write(`    ${verified.reason}: ${verified.message}\n`);
    return { verified, object: found };
  }

  let provenAt: unknown;
  it('is proven while it is whole', async () => {
    const { verified, object: found } = await prove();
    assert.deepEqual([verified.status, verified.reason], ['True', 'Proven']);
    provenAt = found.status?.['provenAt'];
    assert.equal(found.status?.['provenLocation'], folder);
  });

  const table = (): BackupManifest => {
    const { fingerprint } = manifest;
    const tables = fingerprint.databases['shop'] ?? {};
    const databases = { ...fingerprint.databases, shop: { ...tables, 'public.lost': { rows: 7 } } };
    return { ...manifest, fingerprint: { ...fingerprint, databases } };
  };
  const ways: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    [
      'a flipped byte',
      () => hand(String.raw`printf '\377' | dd of="$0" bs=1 seek=100 conv=notrunc`, firstObject()),
      /checksum/i,
    ],
    ['a truncated file', () => hand('truncate -s 100 "$0"', firstObject()), /truncated|bytes/i],
    ['a missing table', () => writeManifest(table()), /missing-table: shop: public\.lost is missing/],
    [
      'a wrong version',
      () => writeManifest({ ...manifest, serverVersion: '16.4' }),
      /wrong-version: the backup is of version 16\.4/,
    ],
  ];
  for (const [title, spoil, says] of ways) {
    it(`is found by its proof, and named: ${title}`, async () => {
      await hand('rm -r "$0" && cp -r /tmp/whole "$0"', folder);
      await spoil();
      const { verified, object: found } = await prove();
      assert.equal(verified.status, 'False');
      assert.match(verified.message, says);
      assert.deepEqual([found.status?.['provenAt'], found.status?.['provenLocation']], [provenAt, folder]);
    });
  }

  it('is proven again once it is whole again', async () => {
    await hand('rm -r "$0" && cp -r /tmp/whole "$0"', folder);
    assert.equal((await prove()).verified.reason, 'Proven');
  });
});
