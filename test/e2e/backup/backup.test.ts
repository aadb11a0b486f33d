/**
 * Backups of real servers with 200 MB each: at once and by schedule, to a volume and to a bucket; restored elsewhere row
 * for row, killed in the middle, rebuilt from the bucket alone, and proven or found to be spoilt.
 */
import assert from 'node:assert/strict';
import { loadAgent } from '../agent.ts';
import { eventually, type Cluster, type Json } from '../cluster.ts';
import { databaseYaml, startEnvironment, type Environment } from '../environment.ts';
import { stringify } from 'yaml';
import { chosen } from '../ha/subjects.ts';
import { ask, subjects, type BackupSubject, type Place } from './engines.ts';

const longest = 134_217_728;

/** The agent, and a bucket. */
async function prepare(cluster: Cluster): Promise<readonly string[]> {
  const args = await loadAgent(cluster);
  await cluster.prepare(['addon', 's3']);
  return args;
}

interface Result {
  readonly ok: boolean;
  readonly verb: string;
  readonly peakMemoryBytes?: number;
}

/** What agents have said, from the pods that are still there. */
async function results(cluster: Cluster, namespace: string): Promise<readonly Result[]> {
  const pods = await cluster.list('pods', namespace, 'app.kubernetes.io/component=backup');
  return pods.flatMap(({ status }) => {
    const { containerStatuses = [] } = (status ?? {}) as {
      containerStatuses?: readonly { name: string; state?: { terminated?: { message?: string } } }[];
    };
    const message = containerStatuses.find(({ name }) => name === 'agent')?.state?.terminated?.message;
    return message === undefined ? [] : [JSON.parse(message.trim().split('\n').at(-1) ?? '{}') as Result];
  });
}

const conditionOf = (object: Json | undefined, type: string): string => {
  const { conditions = [] } = (object?.status ?? {}) as {
    conditions?: readonly { type: string; status: string; reason: string }[];
  };
  const found = conditions.find((one) => one.type === type);
  return found === undefined ? 'absent' : `${found.status} ${found.reason}`;
};

const s3 = {
  bucket: 'backups',
  endpoint: 'http://s3.default.svc.cluster.local:9000',
  credentialsSecret: 's3',
};

describe('backups', function () {
  this.timeout(900_000);
  const chosenSubjects = subjects.filter(({ engine }) => chosen('E2E_ENGINE', engine));
  let environment: Environment;
  let cluster: Cluster;
  before(async () => {
    environment = await startEnvironment(
      'backup',
      ['postgres-17', 'node-20', ...chosenSubjects.map(({ recipe }) => recipe)],
      prepare,
    );
    cluster = environment.cluster;
    await copySecrets(environment.namespace);
  });
  after(() => environment.stop());

  /** The bucket's credentials and the key of encryption. */
  async function copySecrets(namespace: string): Promise<void> {
    const given = await cluster.get('secret', 'default', 's3');
    assert.ok(given, 'the add-on made no Secret');
    const key = Buffer.alloc(32, 7).toString('base64');
    const secret = (name: string, rest: object): string =>
      stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...rest });
    await cluster.expectKubectl(['apply', '-f', '-'], {
      input: [
        secret('s3', {
          data: {
            'access-key-id': given.data?.['AWS_ACCESS_KEY_ID'],
            'secret-access-key': given.data?.['AWS_SECRET_ACCESS_KEY'],
          },
        }),
        secret('key', { stringData: { 'encryption-key': key } }),
      ].join('---\n'),
    });
  }

  /**
   * Of a server that has just become Running: the node's own tables of Services follow a moment later, and until then the
   * connection is refused. Any other fault is one.
   */
  const firstAnswer = (subject: BackupSubject, place: Place, password?: string): Promise<string> =>
    eventually('the Service leads to it', 20_000, async () => {
      try {
        return await ask(cluster, subject, place, subject.digest, password);
      } catch (error) {
        if (/refused|Can't connect|\(111\)/.test(String(error))) return undefined;
        throw error;
      }
    });

  const backupYaml = (name: string, spec: object): string =>
    stringify({
      apiVersion: 'example.com/v1',
      kind: 'DatabaseBackup',
      metadata: { name, namespace: environment.namespace },
      spec,
    });

  async function apply(yaml: string): Promise<void> {
    const { code, stderr } = await cluster.apply(yaml);
    assert.equal(code, 0, stderr);
  }

  const describeAll = async (name: string): Promise<string> => {
    const { stdout } = await cluster.kubectl(['get', 'databasebackups,jobs,pods,events', '-n', environment.namespace]);
    const object = await cluster.get('databasebackup', environment.namespace, name);
    return `${JSON.stringify(object?.status, null, 1)}\n${stdout.slice(-5000)}\n${environment.operatorLog().slice(-2000)}`;
  };

  /** A busy node takes its time over probes. */
  const running = (name: string, namespace: string): Promise<Json> =>
    eventually(
      `Database ${name} is Running`,
      540_000,
      async () => {
        const object = await cluster.get('database', namespace, name);
        return object?.status?.['phase'] === 'Running' ? object : undefined;
      },
      () => describeAll(name),
    );

  const backupIs = (name: string, type: string, wanted: string, timeoutMs = 540_000): Promise<Json> =>
    eventually(
      `DatabaseBackup ${name}: ${type} is ${wanted}`,
      timeoutMs,
      async () => {
        const object = await cluster.get('databasebackup', environment.namespace, name);
        return conditionOf(object, type) === wanted ? object : undefined;
      },
      () => describeAll(name),
    );

  for (const subject of chosenSubjects) {
    describe(subject.engine, () => {
      const { engine, version, storage } = subject;
      const name = engine.slice(0, 4);
      // A copy serves under the names that are in the backup.
      const names = engine === 'redis' ? {} : { databaseName: name, username: name };
      const place = () => ({ namespace: environment.namespace, database: name });
      const recover = (copy: string, backup: string): Promise<void> => {
        const bootstrap = { recovery: { backupRef: { name: backup } } };
        const spec = { engine, version, ...names, storage: { size: storage }, bootstrap };
        return apply(databaseYaml(copy, environment.namespace, spec));
      };
      let digest: string;
      let failedBefore = false;
      beforeEach(() => {
        if (failedBefore) assert.fail('a test before this one failed');
      });
      afterEach(function () {
        failedBefore ||= this.currentTest?.isFailed() === true;
      });

      it('has 200 MB', async () => {
        const backup = {
          enabled: true,
          schedule: '* * * * *',
          retention: 2,
          encryptionSecret: 'key',
          destination: { s3: { ...s3, prefix: `${environment.namespace}/` } },
        };
        await apply(databaseYaml(name, environment.namespace, { engine, version, storage: { size: storage }, backup }));
        await running(name, environment.namespace);
        await ask(cluster, subject, place(), subject.fill);
        digest = await ask(cluster, subject, place(), subject.digest);
      });

      it('is backed up at once to a volume, and proven', async () => {
        const spec = { databaseRef: { name }, destination: { pvc: { size: '2Gi' } }, verify: { enabled: true } };
        await apply(backupYaml(`${name}-volume`, spec));
        await backupIs(`${name}-volume`, 'Ready', 'True BackupCompleted');
        const proven = await backupIs(`${name}-volume`, 'Verified', 'True Proven');
        assert.match(String(proven.status?.['checksum']), /^sha256:/);
        process.stderr.write(`    proven: restored in ${String(proven.status?.['provenRestoreSeconds'])} s\n`);
      });

      it('is backed up at once to a bucket, encrypted', async () => {
        const spec = {
          databaseRef: { name },
          destination: { s3: { ...s3, prefix: `${environment.namespace}/` } },
          encryptionSecret: 'key',
        };
        await apply(backupYaml(`${name}-bucket`, spec));
        await backupIs(`${name}-bucket`, 'Ready', 'True BackupCompleted');
      });

      it('is backed up by schedule', async () => {
        const since = new Date().toISOString();
        await eventually(
          'a scheduled backup',
          400_000,
          async () => {
            const object = await cluster.get('database', environment.namespace, name);
            const { lastBackup = '' } = (object?.status?.['backupStatus'] ?? {}) as { lastBackup?: string };
            return lastBackup > since && conditionOf(object, 'BackupReady').startsWith('True');
          },
          () => describeAll(`${name}-bucket`),
        );
        const patch = JSON.stringify({ spec: { backup: { schedule: '0 3 * * *' } } });
        await cluster.expectKubectl([
          'patch',
          'database',
          name,
          '-n',
          environment.namespace,
          '--type=merge',
          '-p',
          patch,
        ]);
      });

      it('is restored elsewhere, row for row, and nobody is served before', async () => {
        const copy = `${name}-copy`;
        await recover(copy, `${name}-volume`);
        const roles = new Set<string>();
        await eventually('the copy is Running', 540_000, async () => {
          const pod = await cluster.get('pod', environment.namespace, `${copy}-0`);
          const object = await cluster.get('database', environment.namespace, copy);
          // The pod is read first: a role that it has by then was given before what the Database says.
          const role = pod?.metadata.labels?.['role'];
          if (role !== undefined && conditionOf(object, 'Recovered') !== 'True Restored') roles.add(role);
          return object?.status?.['phase'] === 'Running';
        });
        assert.deepEqual([...roles], []);
        assert.equal(await firstAnswer(subject, { ...place(), database: copy }), digest);
        await cluster.expectKubectl(['delete', 'database', copy, '-n', environment.namespace, '--timeout=60s']);
      });

      it('is restored although the restore was killed in the middle', async () => {
        const copy = `${name}-again`;
        await recover(copy, `${name}-bucket`);
        const killed = await eventually('the restore runs', 400_000, async () => {
          const pods = await cluster.list(
            'pods',
            environment.namespace,
            `batch.kubernetes.io/job-name=${copy}-recovery`,
          );
          return pods.find(({ status }) => status?.['phase'] === 'Running')?.metadata.name;
        });
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await cluster.expectKubectl([
          'delete',
          'pod',
          killed,
          '-n',
          environment.namespace,
          '--force',
          '--grace-period=0',
        ]);
        await environment.killOperator();
        await environment.startOperator();
        await running(copy, environment.namespace);
        assert.equal(await firstAnswer(subject, { ...place(), database: copy }), digest);
        await cluster.expectKubectl(['delete', 'database', copy, '-n', environment.namespace, '--timeout=60s']);
      });

      it('keeps its agent under 128 MiB', async () => {
        const said = await results(cluster, environment.namespace);
        const peaks = said.flatMap(({ peakMemoryBytes, verb }) =>
          peakMemoryBytes === undefined ? [] : [{ verb, peakMemoryBytes }],
        );
        for (const { verb, peakMemoryBytes } of peaks)
          process.stderr.write(`    ${verb}: ${(peakMemoryBytes / 1024 / 1024).toFixed(1)} MiB\n`);
        assert.ok(peaks.length > 0);
        for (const { verb, peakMemoryBytes } of peaks)
          assert.ok(peakMemoryBytes < longest, `${verb}: ${peakMemoryBytes}`);
      });

      it('is rebuilt in a new namespace from the bucket alone, with the old password', async () => {
        const secret = await cluster.get('secret', environment.namespace, `${name}-secret`);
        const password = Buffer.from(secret?.data?.['password'] ?? '', 'base64').toString();
        const other = `${environment.namespace}-${name}`;
        await cluster.expectKubectl(['create', 'namespace', other]);
        try {
          await copySecrets(other);
          const recovery = {
            s3: { ...s3, prefix: `${environment.namespace}/`, path: `${environment.namespace}/${name}` },
            encryptionSecret: 'key',
          };
          await apply(
            databaseYaml(name, other, { engine, version, storage: { size: storage }, bootstrap: { recovery } }),
          );
          await eventually('it is Running', 540_000, async () => {
            const object = await cluster.get('database', other, name);
            return object?.status?.['phase'] === 'Running';
          });
          const there = { namespace: other, database: name };
          assert.equal(await firstAnswer(subject, there, password), digest);
        } finally {
          await cluster.kubectl(['delete', 'databases', '--all', '-n', other, '--timeout=60s']);
          await cluster.kubectl(['delete', 'namespace', other, '--wait=false']);
        }
      });
    });
  }
});
