/** DatabaseUsers on real servers, tried through the drivers. All engines at once: most of the time is waiting. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stringify } from 'yaml';
import { eventually, type Json } from '../cluster.ts';
import { databaseYaml, startEnvironment, type Environment } from '../environment.ts';
import type { Login } from './client.ts';
import { ask, loginOf, put, say, textOf } from './talk.ts';

interface Subject {
  readonly engine: string;
  readonly version: string;
  readonly image: string;
  /** As the owner of the application's database. */
  readonly make: readonly string[];
  readonly makeLater: string;
  readonly read: string;
  readonly readLater: string;
  readonly write: string;
  readonly privilege: object;
  /** Gives what it should not have, as the superuser; `NAME` is the user. */
  readonly drift: string;
  readonly superuser: string;
}

const table = 'CREATE TABLE orders (id int)';
const sqlWrite = 'INSERT INTO orders VALUES (2)';
const subjects: readonly Subject[] = [
  {
    engine: 'postgresql',
    version: '17',
    image: 'postgres-17',
    make: [table, sqlWrite],
    makeLater: 'CREATE TABLE later (id int)',
    read: 'SELECT count(*) FROM orders',
    readLater: 'SELECT count(*) FROM later',
    write: sqlWrite,
    privilege: { preset: 'readonly', schema: 'public' },
    drift: 'GRANT INSERT ON orders TO reader',
    superuser: 'postgres',
  },
  ...(['mysql', 'mariadb'] as const).map((engine) => ({
    engine,
    version: engine === 'mysql' ? '8.0' : '11.8',
    image: engine === 'mysql' ? 'mysql-8.0' : 'mariadb-11.8',
    make: [table, sqlWrite],
    makeLater: 'CREATE TABLE later (id int)',
    read: 'SELECT count(*) FROM orders',
    readLater: 'SELECT count(*) FROM later',
    write: sqlWrite,
    privilege: { preset: 'readonly' },
    // A pattern that is less exact than the one that is granted would count for nothing.
    drift: `GRANT INSERT ON \`u\\_${engine}\`.* TO reader`,
    superuser: 'root',
  })),
  {
    engine: 'redis',
    version: '8.0',
    image: 'redis-8.0',
    make: ['SET orders 1'],
    makeLater: 'SET later 1',
    read: 'GET orders',
    readLater: 'GET later',
    write: 'SET orders 2',
    privilege: { preset: 'readonly' },
    drift: 'ACL SETUSER reader +@all',
    superuser: 'default',
  },
];

const chosen = subjects.filter(({ engine }) => {
  const only = (process.env['E2E_ENGINE'] ?? '').split(',').filter((name) => name !== '');
  return only.length === 0 || only.includes(engine);
});

const databaseOf = ({ engine }: Subject): string => `u-${engine}`;

describe('users', function () {
  this.timeout(600_000);
  let environment: Environment;
  let other: string;
  /** Sessions of users whose time is short, begun as soon as they could log in. */
  const held = new Map<string, Promise<{ began: number; ended: number }>>();

  const userYaml = (name: string, subject: Subject, spec: object): string =>
    stringify({
      apiVersion: 'example.com/v1',
      kind: 'DatabaseUser',
      metadata: { name, namespace: environment.namespace },
      spec: { databaseRef: { name: databaseOf(subject) }, ...spec },
    });
  const apply = async (yaml: string): Promise<void> => {
    const { code, stderr } = await environment.cluster.apply(yaml);
    assert.equal(code, 0, stderr);
  };
  const standing = (name: string, reason: string, withinMs = 60_000): Promise<Json> =>
    eventually(
      `${name}: ${reason}`,
      withinMs,
      async () => {
        const object = await environment.cluster.get('databaseuser', environment.namespace, name);
        const conditions = (object?.status?.['conditions'] ?? []) as readonly { type: string; reason: string }[];
        return conditions.some((one) => one.type === 'Ready' && one.reason === reason) ? object : undefined;
      },
      async () => {
        const object = await environment.cluster.get('databaseuser', environment.namespace, name);
        return `${JSON.stringify(object?.status, null, 1)}\n${environment.operatorLog().slice(-2500)}`;
      },
    );
  const login = (subject: Subject, name: string): Promise<Login> =>
    loginOf(environment.cluster, subject.engine, environment.namespace, name);
  const readerOf = (subject: Subject): string => `reader-${subject.engine}`;
  const owner = (subject: Subject): Promise<Login> => login(subject, `${databaseOf(subject)}-secret`);
  const superuser = async (subject: Subject): Promise<Login> => {
    const base = await owner(subject);
    const secret = await environment.cluster.get('secret', environment.namespace, `${databaseOf(subject)}-internal`);
    return { ...base, username: subject.superuser, password: textOf(secret, 'superuser-password') };
  };
  const speak = (who: Login, ...statements: readonly string[]): Promise<readonly string[]> =>
    say(environment.cluster, who, ...statements);
  const refused = (answer: string | undefined): boolean => answer?.startsWith('!') === true;

  before(async () => {
    environment = await startEnvironment('users', ['node-26', ...chosen.map(({ image }) => image)]);
    other = `${environment.namespace}-web`;
    const { cluster, namespace } = environment;
    await cluster.expectKubectl(['create', 'namespace', other]);
    await cluster.expectKubectl(['label', 'namespace', other, 'database.example.com/allow-references=true']);
    for (const subject of chosen) {
      const { engine, version } = subject;
      await apply(databaseYaml(databaseOf(subject), namespace, { engine, version, storage: { size: '512Mi' } }));
    }
    await Promise.all(
      chosen.map(async (subject) => {
        await environment.phase(databaseOf(subject), 'Running');
        const answers = await speak(await owner(subject), ...subject.make);
        assert.deepEqual(answers.filter(refused), []);
        const { engine } = subject;
        const reader = { username: 'reader', privileges: [subject.privilege], secretNamespaces: [other] };
        await apply(userYaml(readerOf(subject), subject, { ...reader, rotation: { interval: '30d' } }));
        const short = {
          username: 'short',
          privileges: [subject.privilege],
          expiresAfter: '1m',
          reclaimPolicy: 'Delete',
        };
        await apply(userYaml(`short-${engine}`, subject, short));
        await standing(`short-${engine}`, 'UserReady');
        const who = await login(subject, `short-${engine}-credentials`);
        held.set(engine, ask(cluster, { do: 'hold', login: who, most: 120_000 }, 180_000));
      }),
    );
  });

  after(async () => {
    await environment.cluster.kubectl([
      'delete',
      'databaseusers',
      '--all',
      '-n',
      environment.namespace,
      '--timeout=60s',
    ]);
    await environment.cluster.kubectl(['delete', 'namespace', other, '--wait=false']);
    await environment.stop();
  });

  for (const subject of chosen) {
    const { engine } = subject;
    describe(engine, () => {
      it('reads, also what is made later, and can not write', async () => {
        await standing(readerOf(subject), 'UserReady');
        const [made] = await speak(await owner(subject), subject.makeLater);
        assert.ok(!refused(made), String(made));
        const who = await login(subject, `${readerOf(subject)}-credentials`);
        const [read, later, write] = await speak(who, subject.read, subject.readLater, subject.write);
        assert.ok(!refused(read) && !refused(later), `${read} ${later}`);
        assert.match(write ?? '', /^!.*(denied|permission)/i);
      });

      it('gives an application all it needs to connect, as servicebinding.io has it', async () => {
        const { cluster, namespace } = environment;
        const name = `${readerOf(subject)}-credentials`;
        const secret = await cluster.get('secret', namespace, name);
        const jdbc = engine === 'redis' ? [] : ['jdbc-uri'];
        const keys = [
          'database',
          'host',
          ...jdbc,
          'password',
          'port',
          'provider',
          'readonly-host',
          'readonly-uri',
          'type',
          'uri',
          'username',
        ];
        assert.deepEqual(Object.keys(secret?.data ?? {}).sort(), keys.sort());
        assert.equal(textOf(secret, 'type'), engine);
        const user = await cluster.get('databaseuser', namespace, readerOf(subject));
        assert.deepEqual(user?.status?.['binding'], { name });
      });

      it('changes its password under load without one log-in that fails', async () => {
        const { cluster, namespace } = environment;
        const name = `${readerOf(subject)}-credentials`;
        const first = await login(subject, name);
        const file = await put(`${engine}.json`, first);
        const knocking = ask<{ tries: number; users: string[]; failures: string[] }>(
          cluster,
          { do: 'knock', file, milliseconds: 60_000 },
          120_000,
        );
        await eventually('the first log-in', 30_000, () => Promise.resolve(existsSync(`${file}.began`)));
        await cluster.expectKubectl([
          'annotate',
          'databaseuser',
          readerOf(subject),
          '-n',
          namespace,
          'database.example.com/rotate=now',
        ]);
        const second = await eventually('a new credential', 60_000, async () => {
          const now = await login(subject, name);
          return now.password !== first.password && now;
        });
        await put(`${engine}.json`, second);
        const { tries, users, failures } = await knocking;
        assert.deepEqual(failures, []);
        assert.ok(tries > 20 && users.length === 2, `${tries} tries as ${users.length} users`);
        const [old, fresh] = await Promise.all([speak(first, subject.read), speak(second, subject.read)]);
        assert.ok(!refused(old[0]) && !refused(fresh[0]), 'both are valid until the next rotation');
        assert.match((await speak(second, subject.write))[0] ?? '', /^!.*(denied|permission)/i);
        const rotated = await eventually('the annotation is taken off', 30_000, async () => {
          const object = await cluster.get('databaseuser', namespace, readerOf(subject));
          const { annotations = {} } = object?.metadata as { annotations?: Record<string, string> };
          return !('database.example.com/rotate' in annotations) && object;
        });
        assert.ok(rotated.status?.['nextRotation'] !== undefined);
      });

      it('ends a live session when its time is over, and drops the user', async () => {
        const { cluster, namespace } = environment;
        const session = await held.get(engine);
        const user = await standing(`short-${engine}`, 'Expired', 120_000);
        const expires = Date.parse(String(user.status?.['expiresAt']));
        const late = (session?.ended ?? 0) - expires;
        process.stderr.write(`      ${engine}: the session ended ${late} ms after its time\n`);
        assert.ok(late > -1_500 && late < 15_000, `ended ${late} ms after its time`);
        assert.equal(await cluster.get('secret', namespace, `short-${engine}-credentials`), undefined);
      });
    });
  }

  it('keeps copies where they are wanted and consented to, and nowhere else', async () => {
    const { cluster, namespace } = environment;
    const [subject] = chosen;
    if (subject === undefined) return;
    const name = `${readerOf(subject)}-credentials`;
    const copied = (): Promise<boolean> =>
      Promise.all([cluster.get('secret', namespace, name), cluster.get('secret', other, name)]).then(
        ([own, copy]) => copy !== undefined && JSON.stringify(own?.data) === JSON.stringify(copy.data),
      );
    const gone = async (): Promise<boolean> => (await cluster.get('secret', other, name)) === undefined;
    await eventually('a copy', 30_000, copied);
    const copy = await cluster.get('secret', other, name);
    assert.equal(copy?.metadata.ownerReferences, undefined);
    await cluster.expectKubectl(['label', 'namespace', other, 'database.example.com/allow-references-']);
    await eventually('no copy without consent', 30_000, gone);
    await cluster.expectKubectl(['label', 'namespace', other, 'database.example.com/allow-references=true']);
    await eventually('a copy again', 30_000, copied);
    await cluster.expectKubectl([
      ...['patch', 'databaseuser', readerOf(subject), '-n', namespace, '--type=merge'],
      ...['-p', JSON.stringify({ spec: { secretNamespaces: [] } })],
    ]);
    await eventually('no copy that nobody asks for', 30_000, gone);
  });

  it('finds rights that were given by hand and takes them away', async () => {
    for (const subject of chosen) {
      const [answer] = await speak(await superuser(subject), subject.drift);
      assert.ok(!refused(answer), String(answer));
      const who = await login(subject, `${readerOf(subject)}-credentials`);
      assert.ok(!refused((await speak(who, subject.write))[0]), `${subject.engine} has the right now`);
    }
    // Without waiting for the next look, some minutes from now: an operator that starts looks at once.
    await environment.killOperator();
    await environment.startOperator();
    for (const subject of chosen) {
      const who = await login(subject, `${readerOf(subject)}-credentials`);
      await eventually(`${subject.engine}: the right is gone`, 60_000, async () =>
        refused((await speak(who, subject.write))[0]),
      );
    }
    const events = await environment.cluster.expectKubectl(['get', 'events', '-n', environment.namespace]);
    assert.match(events, /RightsTakenAway/);
  });

  it('gives what a dropped user owned to the owner of the database', async function () {
    const subject = chosen.find(({ engine }) => engine === 'postgresql');
    if (subject === undefined) return this.skip(); // PostgreSQL alone has owners of tables
    const { cluster, namespace } = environment;
    const spec = {
      username: 'maker',
      privileges: [{ grant: ['CREATE', 'USAGE'], schema: 'public' }],
      reclaimPolicy: 'Delete',
    };
    await apply(userYaml('maker', subject, spec));
    await standing('maker', 'UserReady');
    const who = await login(subject, 'maker-credentials');
    const [made] = await speak(who, 'CREATE TABLE made_by_maker (id int)');
    assert.ok(!refused(made), String(made));
    await cluster.expectKubectl(['delete', 'databaseuser', 'maker', '-n', namespace, '--timeout=60s']);
    const boss = await owner(subject);
    const [has, roles] = await speak(
      boss,
      "SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_maker'",
      "SELECT count(*) FROM pg_roles WHERE rolname = 'maker'",
    );
    assert.deepEqual([has, roles], [JSON.stringify([[boss.username]]), '[["0"]]']);
    assert.ok(refused((await speak(who, 'SELECT 1'))[0]));
    assert.equal(await cluster.get('secret', namespace, 'maker-credentials'), undefined);
  });

  it('says no password and no hash in its log, its status or its Events', async () => {
    const { cluster, namespace } = environment;
    const secrets = (await cluster.list('secret', namespace)).filter(({ metadata }) =>
      /-(credentials|internal|secret)$/.test(metadata.name),
    );
    const words = secrets.flatMap((secret) =>
      Object.keys(secret.data ?? {})
        .filter((key) => key.includes('password'))
        .map((key) => textOf(secret, key)),
    );
    assert.ok(words.length > 4);
    const logs = await Promise.all(
      chosen.map((subject) => cluster.expectKubectl(['logs', `${databaseOf(subject)}-0`, '-n', namespace])),
    );
    const objects = await cluster.expectKubectl(['get', 'databaseusers,events,pods', '-n', namespace, '-o', 'yaml']);
    const texts = [environment.operatorLog(), objects, ...logs];
    assert.deepEqual(words.filter((word) => texts.some((text) => text.includes(word))).length, 0);
    assert.ok(!texts.some((text) => /SCRAM-SHA-256\$|\$A\$005\$/.test(text)));
  });

  it('tells the younger of two objects that name one user, and changes nothing', async () => {
    const { cluster } = environment;
    const [subject] = chosen;
    if (subject === undefined) return;
    const before = await login(subject, `${readerOf(subject)}-credentials`);
    const rival = userYaml('rival', subject, { username: 'reader', privileges: [{ preset: 'owner' }] });
    const { code, stderr } = await cluster.apply(rival);
    assert.notEqual(code, 0);
    assert.match(stderr, /owns this user/);
    // Stored all the same while admission is away.
    await cluster.expectKubectl([
      'delete',
      'validatingwebhookconfiguration,mutatingwebhookconfiguration',
      'database-webhook',
    ]);
    await apply(rival);
    await standing('rival', 'UserConflict');
    const [read, write] = await speak(before, subject.read, subject.write);
    assert.ok(!refused(read) && refused(write));
    await cluster.expectKubectl(['delete', 'databaseuser', 'rival', '-n', environment.namespace, '--timeout=60s']);
    assert.ok(!refused((await speak(before, subject.read))[0]));
  });
});
