/** Tenants of one Database on real servers, proven apart through the drivers. */
import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { eventually, type Json } from '../cluster.ts';
import { databaseYaml, startEnvironment, type Environment } from '../environment.ts';
import type { Login } from '../users/client.ts';
import { loginOf, say, textOf } from '../users/talk.ts';

interface Subject {
  readonly engine: string;
  readonly version: string;
  readonly image: string;
  readonly make: readonly string[];
  readonly read: string;
  /** As `globex`, logged in to its own: ways to what is acme's. Each must be refused, or answer nothing of it. */
  readonly intrusions: readonly string[];
  /** Logged in to its own, names what else there is; must not tell of acme's data. */
  readonly lists: readonly string[];
}

const sql = {
  make: ['CREATE TABLE secrets (word varchar(20))', "INSERT INTO secrets VALUES ('treasure')"],
  read: 'SELECT word FROM secrets',
};
const subjects: readonly Subject[] = [
  {
    engine: 'postgresql',
    version: '17',
    image: 'postgres-17',
    ...sql,
    intrusions: [
      'SELECT * FROM acme.public.secrets',
      'SET ROLE acme',
      'SET SESSION AUTHORIZATION acme',
      'CREATE DATABASE mine',
      'DROP DATABASE acme',
    ],
    lists: ["SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"],
  },
  ...(['mysql', 'mariadb'] as const).map((engine) => ({
    engine,
    version: engine === 'mysql' ? '8.0' : '11.8',
    image: engine === 'mysql' ? 'mysql-8.0' : 'mariadb-11.8',
    ...sql,
    intrusions: [
      'SELECT * FROM acme.secrets',
      'USE acme',
      'SHOW TABLES FROM acme',
      'DROP DATABASE acme',
      'CREATE DATABASE mine',
    ],
    lists: ['SHOW DATABASES', 'SELECT table_name FROM information_schema.tables'],
  })),
  {
    engine: 'redis',
    version: '8.0',
    image: 'redis-8.0',
    make: ['SET acme:secrets treasure'],
    read: 'GET acme:secrets',
    intrusions: [
      'GET acme:secrets',
      'KEYS *',
      'SCAN 0',
      'FLUSHDB',
      'DEL acme:secrets',
      'CONFIG GET *',
      'ACL LIST',
      'SUBSCRIBE acme:news',
      'RENAME acme:secrets globex:mine',
      'COPY acme:secrets globex:mine',
    ],
    lists: ['CLIENT LIST', 'RANDOMKEY', 'PUBSUB CHANNELS'],
  },
];

const chosen = subjects.filter(({ engine }) => {
  const only = (process.env['E2E_ENGINE'] ?? '').split(',').filter((name) => name !== '');
  return only.length === 0 || only.includes(engine);
});

const databaseOf = ({ engine }: Subject): string => `t-${engine}`;
const objectOf = ({ engine }: Subject): string => `shops-${engine}`;
const refused = (answer: string | undefined): boolean => answer?.startsWith('!') === true;

describe('tenants', function () {
  this.timeout(600_000);
  let environment: Environment;
  let home: string;

  const tenantsYaml = (subject: Subject, tenants: readonly object[], reclaimPolicy: string): string =>
    stringify({
      apiVersion: 'example.com/v1',
      kind: 'MultiTenantDatabase',
      metadata: { name: objectOf(subject), namespace: environment.namespace },
      spec: { databaseRef: { name: databaseOf(subject) }, tenants, reclaimPolicy },
    });
  const apply = async (yaml: string): Promise<void> => {
    const { code, stderr } = await environment.cluster.apply(yaml);
    assert.equal(code, 0, stderr);
  };
  const rows = async (subject: Subject): Promise<Readonly<Record<string, string>>> => {
    const object = await environment.cluster.get('multitenantdatabase', environment.namespace, objectOf(subject));
    if (
      object?.status?.['observedGeneration'] !== (object?.metadata as { generation?: number } | undefined)?.generation
    )
      return {};
    const tenants = (object?.status?.['tenants'] ?? []) as readonly { name: string; phase: string }[];
    return Object.fromEntries(tenants.map(({ name, phase }) => [name, phase]));
  };
  const standing = (subject: Subject, wanted: Readonly<Record<string, string>>): Promise<true> =>
    eventually<true>(
      `${objectOf(subject)}: ${JSON.stringify(wanted)}`,
      90_000,
      async () =>
        JSON.stringify(Object.entries(await rows(subject)).sort()) === JSON.stringify(Object.entries(wanted).sort()) ||
        undefined,
      async () => {
        const object: Json | undefined = await environment.cluster.get(
          'multitenantdatabase',
          environment.namespace,
          objectOf(subject),
        );
        return `${JSON.stringify(object?.status, null, 1)}\n${environment.operatorLog().slice(-2500)}`;
      },
    );
  const secretName = (subject: Subject, tenant: string): string => `${objectOf(subject)}-${tenant}-credentials`;
  const login = (subject: Subject, tenant: string, namespace = environment.namespace): Promise<Login> =>
    loginOf(environment.cluster, subject.engine, namespace, secretName(subject, tenant));
  const speak = (who: Login, ...statements: readonly string[]): Promise<readonly string[]> =>
    say(environment.cluster, who, ...statements);
  const limits = { connectionLimit: 3, statementTimeout: '2s' };

  before(async () => {
    environment = await startEnvironment('tenants', ['node-26', ...chosen.map(({ image }) => image)]);
    const { cluster, namespace } = environment;
    home = `${namespace}-acme`;
    await cluster.expectKubectl(['create', 'namespace', home]);
    await cluster.expectKubectl(['label', 'namespace', home, 'database.example.com/allow-references=true']);
    for (const subject of chosen) {
      const { engine, version } = subject;
      await apply(databaseYaml(databaseOf(subject), namespace, { engine, version, storage: { size: '512Mi' } }));
      await apply(
        tenantsYaml(
          subject,
          [
            { name: 'acme', namespace: home },
            { name: 'globex', config: limits },
          ],
          'Retain',
        ),
      );
    }
    await Promise.all(
      chosen.map(async (subject) => {
        await environment.phase(databaseOf(subject), 'Running');
        await standing(subject, { acme: 'Ready', globex: 'Ready' });
      }),
    );
  });

  after(async () => {
    await environment.cluster.kubectl([
      'delete',
      'multitenantdatabases',
      '--all',
      '-n',
      environment.namespace,
      '--timeout=60s',
    ]);
    await environment.cluster.kubectl(['delete', 'namespace', home, '--wait=false']);
    await environment.stop();
  });

  for (const subject of chosen) {
    describe(subject.engine, () => {
      it('keeps what is one tenant’s from another: to read, to list, to enter', async () => {
        const acme = await login(subject, 'acme', home);
        const globex = await login(subject, 'globex');
        const made = await speak(acme, ...subject.make, subject.read);
        assert.match(made.at(-1) ?? '', /treasure/);
        for (const statement of subject.intrusions) {
          const [answer] = await speak(globex, statement);
          assert.ok(refused(answer), `${statement} → ${String(answer)}`);
        }
        for (const statement of subject.lists) {
          const [answer = ''] = await speak(globex, statement);
          assert.ok(refused(answer) || !/acme|secrets|treasure/.test(answer), `${statement} → ${answer}`);
        }
        if (subject.engine !== 'redis') {
          const [entered] = await speak({ ...globex, database: acme.database }, subject.read);
          assert.ok(refused(entered), `entered acme's database: ${String(entered)}`);
        }
        assert.match((await speak(acme, subject.read))[0] ?? '', /treasure/);
      });

      if (subject.engine === 'postgresql')
        it('holds a tenant to its limits', async () => {
          const globex = await login(subject, 'globex');
          const [timeout] = await speak(globex, 'SHOW statement_timeout');
          assert.equal(timeout, '[["2s"]]');
          const held = Array.from({ length: 3 }, () => speak(globex, 'SELECT pg_sleep(1.9)'));
          const answers = await Promise.all([...held, speak(globex, 'SELECT pg_sleep(1.9)')]);
          assert.equal(answers.filter(([answer]) => /too many connections/.test(answer ?? '')).length, 1);
        });

      it('keeps the data of a tenant that leaves, locked, and gives it back', async () => {
        const { cluster } = environment;
        const before = await login(subject, 'acme', home);
        await apply(tenantsYaml(subject, [{ name: 'globex', config: limits }], 'Retain'));
        await standing(subject, { acme: 'Retained', globex: 'Ready' });
        assert.ok(refused((await speak(before, subject.read))[0]));
        assert.equal(await cluster.get('secret', home, secretName(subject, 'acme')), undefined);
        await apply(
          tenantsYaml(
            subject,
            [
              { name: 'acme', namespace: home },
              { name: 'globex', config: limits },
            ],
            'Retain',
          ),
        );
        await standing(subject, { acme: 'Ready', globex: 'Ready' });
        const after = await login(subject, 'acme', home);
        assert.notEqual(after.password, before.password);
        assert.match((await speak(after, subject.read))[0] ?? '', /treasure/);
      });

      it('takes the Secret away with the consent of its namespace', async function () {
        if (subject !== chosen[0]) return this.skip(); // the same for every engine
        const { cluster } = environment;
        const secret = (): Promise<Json | undefined> => cluster.get('secret', home, secretName(subject, 'acme'));
        assert.equal((await secret())?.metadata.ownerReferences, undefined);
        assert.equal(textOf(await secret(), 'type'), subject.engine);
        await cluster.expectKubectl(['label', 'namespace', home, 'database.example.com/allow-references-']);
        await eventually('it is gone', 60_000, async () => (await secret()) === undefined);
        await cluster.expectKubectl(['label', 'namespace', home, 'database.example.com/allow-references=true']);
        await eventually('it is back', 60_000, async () => (await secret()) !== undefined);
        await standing(subject, { acme: 'Ready', globex: 'Ready' });
        assert.match((await speak(await login(subject, 'acme', home), subject.read))[0] ?? '', /treasure/);
      });

      it('drops the data of a tenant that leaves under Delete, and no other', async () => {
        const acme = await login(subject, 'acme', home);
        const globex = await login(subject, 'globex');
        await apply(tenantsYaml(subject, [{ name: 'acme', namespace: home }], 'Delete'));
        await standing(subject, { acme: 'Ready' });
        assert.ok(refused((await speak(globex, 'SELECT 1'))[0]));
        assert.match((await speak(acme, subject.read))[0] ?? '', /treasure/);
        await environment.cluster.expectKubectl([
          'delete',
          'multitenantdatabase',
          objectOf(subject),
          '-n',
          environment.namespace,
          '--timeout=60s',
        ]);
        assert.ok(refused((await speak(acme, subject.read))[0]));
        await apply(tenantsYaml(subject, [{ name: 'acme', namespace: home }], 'Retain'));
        await standing(subject, { acme: 'Ready' });
        const [empty = ''] = await speak(await login(subject, 'acme', home), subject.read);
        assert.ok(refused(empty) || empty === 'null', `nothing of the old data is left: ${empty}`);
      });
    });
  }
});
