import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { emptyServer, makeToy, type Toy } from '../../test/support/toy-engine.ts';
import type { BackupManifest, BackupOrder, BackupProof } from '../api/backup-order.ts';
import { BackupFault } from '../engines/backup.ts';
import { listBackups } from './catalogue.ts';
import type { Job } from './context.ts';
import { openExchange, type Exchange } from './exchange.ts';
import { inspect } from './inspect.ts';
import { prune } from './prune.ts';
import { restore } from './restore.ts';
import { directoryStorage } from './storage/directory.ts';
import type { Storage } from './storage/storage.ts';
import { take, type Outcome } from './take.ts';
import { verify } from './verify.ts';

const folder = 'p/ns/shop/';

describe('the agent', function () {
  this.timeout(60_000);
  let root: string;
  let toy: Toy;
  let container: ChildProcess;
  let exchange: Exchange;
  let storage: Storage;
  let clock: number;
  beforeEach(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'agent-'));
    toy = makeToy(root);
    container = toy.start();
    exchange = await openExchange(toy.exchange, 20_000);
    storage = directoryStorage(path.join(root, 'stored'));
    clock = Date.parse('2026-03-01T00:00:00Z');
    for (const name of ['server', 'other', 'credentials', 'secret']) emptyServer(path.join(root, name));
    const rows = Array.from({ length: 20_000 }, (_, index) => `row ${index} ${Math.sin(index)}`);
    writeFileSync(path.join(root, 'server/a.table'), `t1 20000\nt2 7\n${rows.join('\n')}\n`);
    writeFileSync(path.join(root, 'credentials/superuser-password'), 'x');
    writeFileSync(path.join(root, 'secret/password'), 'old');
    writeFileSync(path.join(root, 'key'), Buffer.alloc(32, 1));
    writeFileSync(path.join(root, 'other-key'), Buffer.alloc(32, 2));
  });
  afterEach(async () => {
    delete process.env['TOY_VERSION'];
    await exchange.close();
    if (container.exitCode === null && container.signalCode === null) await once(container, 'exit');
    rmSync(root, { recursive: true });
  });

  const job = (order: Partial<BackupOrder> = {}, server = 'server', on = storage): Job => ({
    order: {
      ...{ version: 1, verb: 'backup', engine: 'toy', prefix: 'p/', storage: { directory: root } },
      database: { namespace: 'ns', name: 'shop', uid: 'u' },
      server: { host: path.join(root, server), port: 1, credentialsDirectory: path.join(root, 'credentials') },
      ...order,
    },
    ...{ storage: on, engine: () => toy.engine, exchange: () => Promise.resolve(exchange) },
    ...{ now: () => new Date(clock), say: () => undefined },
  });
  const encrypted = (): Partial<BackupOrder> => ({
    encryptionKeyFile: path.join(root, 'key'),
    applicationSecretDirectory: path.join(root, 'secret'),
  });
  const stored = (name: string): string => path.join(root, 'stored', folder, name);
  const manifestOf = (name = ''): BackupManifest =>
    JSON.parse(readFileSync(path.join(stored(name), 'manifest.json'), 'utf8')) as BackupManifest;
  const good = async (): Promise<readonly string[]> =>
    (await listBackups(storage, folder)).filter(({ whole }) => whole).map(({ name }) => name);
  const changed = (name: string, change: (manifest: BackupManifest) => BackupManifest): void =>
    writeFileSync(path.join(stored(name), 'manifest.json'), JSON.stringify(change(manifestOf(name))));
  const failuresOf = (outcome: Outcome): readonly string[] => (outcome.failures ?? []).map(({ kind }) => kind);
  const reason = (expected: string) => (error: unknown) => {
    assert.ok(error instanceof BackupFault, String(error));
    assert.equal(error.reason, expected);
    return true;
  };

  for (const [title, more] of [
    ['plain', () => ({})],
    ['encrypted', encrypted],
  ] as const) {
    it(`backs up, restores and proves, ${title}`, async () => {
      const { backup = '', bytes = 0, tables, rows } = await take(job(more()));
      assert.deepEqual({ tables, rows }, { tables: 2, rows: 20_007 });
      assert.ok(bytes > 1000);
      const outcome = await restore(job({ verb: 'restore', ...more() }, 'other'));
      assert.equal(outcome.ok, true);
      const read = (server: string, file: string): string => readFileSync(path.join(root, server, file), 'utf8');
      assert.equal(read('other', 'loaded.table'), read('server', 'a.table'));
      const proof = await verify(
        job({ verb: 'verify', ...more(), assertions: [{ name: 'one', query: '1', expect: '1' }] }),
      );
      assert.deepEqual([proof.ok, failuresOf(proof)], [true, []]);
      const kept = JSON.parse(readFileSync(stored(`proofs/${backup}.json`), 'utf8')) as BackupProof;
      assert.deepEqual([kept.ok, kept.assertions], [true, ['one']]);
    });
  }

  it('keeps the Secret in encrypted backups only, and gives it out sealed', async () => {
    await take(job({ applicationSecretDirectory: path.join(root, 'secret') }));
    assert.equal((await inspect(job())).manifest?.sealedSecret, undefined);
    clock += 1000;
    const { backup = '' } = await take(job(encrypted()));
    const { manifest } = await inspect(job(encrypted()));
    assert.ok(manifest?.sealedSecret !== undefined && manifest.encrypted);
    const files = readdirSync(stored(backup)).map((name) => readFileSync(path.join(stored(backup), name), 'latin1'));
    assert.ok(!files.some((content) => content.includes('old')));
  });

  describe('proves nothing of', () => {
    const cases: readonly (readonly [string, (name: string) => void, readonly string[], RegExp])[] = [
      ['a flipped byte', flip, ['checksum'], /server\.zst was changed after it was written/],
      [
        'a file cut short',
        (name) => truncateSync(path.join(stored(name), 'server.zst'), 5000),
        ['truncated'],
        /has 5000 of its \d+ bytes/,
      ],
      [
        'a file that is gone',
        (name) => rmSync(path.join(stored(name), 'server.zst')),
        ['missing-object'],
        /server\.zst is gone/,
      ],
      ['a table that the dump lacks', addTable, ['missing-table'], /toy: t3 is missing/],
      ['other rows', countMore, ['rows'], /t2 has 7 rows, 8 were backed up/],
      [
        'a dump of another version',
        () => (process.env['TOY_VERSION'] = '4.0'),
        ['wrong-version'],
        /of version 3\.1.*is 4\.0/,
      ],
    ];
    for (const [title, spoil, failures, message] of cases) {
      it(title, async () => {
        const { backup = '' } = await take(job());
        spoil(backup);
        const outcome = await verify(job({ verb: 'verify' }));
        assert.equal(outcome.ok, false);
        assert.deepEqual(failuresOf(outcome), failures);
        assert.match(outcome.message ?? '', message);
        assert.equal((JSON.parse(readFileSync(stored(`proofs/${backup}.json`), 'utf8')) as BackupProof).ok, false);
      });
    }

    it('and forgets no earlier proof of the same backup', async () => {
      const { backup = '' } = await take(job());
      const proofOf = (): BackupProof =>
        JSON.parse(readFileSync(stored(`proofs/${backup}.json`), 'utf8')) as BackupProof;
      /** On a volume of its own, as each proof has. */
      const proveAgain = (more: Partial<BackupOrder> = {}): Promise<Outcome> => {
        rmSync(path.join(toy.scratch, 'served'), { recursive: true, force: true });
        return verify(job({ verb: 'verify', ...more }));
      };
      await proveAgain();
      const { provenAt, restoreSeconds, serverVersion } = proofOf();
      for (const name of ['first', 'second']) {
        await proveAgain({ assertions: [{ name, query: '1', expect: '2' }] });
        const { ok, assertions, lastGood } = proofOf();
        assert.deepEqual([ok, assertions, lastGood], [false, [name], { provenAt, restoreSeconds, serverVersion }]);
      }
      await proveAgain();
      assert.deepEqual([proofOf().ok, proofOf().lastGood], [true, undefined]);
    });

    it('assertions that do not hold', async () => {
      await take(job());
      const assertions = [
        { name: 'a', query: '1', expect: '2' },
        { name: 'b', query: 'nothing' },
        { name: 'c', query: 'true' },
      ];
      const outcome = await verify(job({ verb: 'verify', assertions }));
      assert.deepEqual(
        outcome.failures?.map(({ what }) => what.slice(0, 2)),
        ['a:', 'b:'],
      );
    });

    it('a key that is another', async () => {
      await take(job(encrypted()));
      const outcome = await verify(job({ verb: 'verify', encryptionKeyFile: path.join(root, 'other-key') }));
      assert.deepEqual(failuresOf(outcome), ['wrong-key']);
    });

    it('what is beyond its budget', async () => {
      const { backup = '' } = await take(job());
      await assert.rejects(verify(job({ verb: 'verify', budget: { bytes: 10 } })), reason('BudgetExceeded'));
      assert.ok(!existsSync(stored(`proofs/${backup}.json`)));
    });

    function flip(name: string): void {
      const file = path.join(stored(name), 'server.zst');
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 0x10;
      writeFileSync(file, bytes);
    }
    function addTable(name: string): void {
      changed(name, (manifest) => {
        const toyTables = { ...manifest.fingerprint.databases['toy'], t3: { rows: 1 } };
        return { ...manifest, fingerprint: { ...manifest.fingerprint, databases: { toy: toyTables } } };
      });
    }
    function countMore(name: string): void {
      changed(name, (manifest) => {
        const toyTables = { ...manifest.fingerprint.databases['toy'], t2: { rows: 8 } };
        return { ...manifest, fingerprint: { ...manifest.fingerprint, databases: { toy: toyTables } } };
      });
    }
  });

  it('refuses what holds data, what is newer, and what is not there', async () => {
    await assert.rejects(restore(job({ verb: 'restore' }, 'other')), reason('BackupNotFound'));
    await take(job());
    await assert.rejects(restore(job({ verb: 'restore' })), reason('NotEmpty'));
    process.env['TOY_VERSION'] = '2.9';
    await assert.rejects(restore(job({ verb: 'restore' }, 'other')), reason('WrongVersion'));
    await assert.rejects(restore(job({ verb: 'restore', engine: 'tin' }, 'other')), reason('WrongEngine'));
  });

  it('leaves nothing of a dump that failed', async () => {
    writeFileSync(path.join(root, 'server/torn'), '');
    await assert.rejects(take(job()), reason('DumpFailed'));
    assert.deepEqual(await storage.list(folder), []);
  });

  it('leaves nothing on a volume that is full', async () => {
    const full: Storage = {
      ...storage,
      async create(name) {
        const writer = await storage.create(name);
        return {
          ...writer,
          write: (): Promise<void> => Promise.reject(new BackupFault('StorageFull', 'the volume of backups is full')),
        };
      },
    };
    await assert.rejects(take(job({}, 'server', full)), reason('StorageFull'));
    assert.deepEqual(await storage.list(folder), []);
  });

  it('never lists what it did not finish, and sweeps it later', async () => {
    const { backup = '' } = await take(job());
    clock += 1000;
    const { backup: dead = '' } = await take(job());
    // As a killed agent leaves it: no manifest yet.
    rmSync(path.join(stored(dead), 'manifest.json'));
    assert.deepEqual(await good(), [backup]);
    clock = Date.now() + 2 * 86_400_000;
    assert.deepEqual(await prune(storage, job().order, new Date(clock)), { kept: 1, removed: 1 });
    assert.ok(!existsSync(stored(dead)));
    assert.deepEqual(await good(), [backup]);
  });

  it('keeps as many as it is told, each for its own', async () => {
    for (let count = 0; count < 4; count++) {
      await take(job({ retention: { keep: 'count', count: 2 } }));
      clock += 3_600_000;
    }
    await take(job({ who: 'nightly', retention: { keep: 'count', count: 1 } }));
    assert.deepEqual(await good(), ['20260301T020000Z', '20260301T030000Z', '20260301T040000Z-nightly']);
    assert.deepEqual(await prune(storage, job({ all: true }).order, new Date(clock)), { kept: 0, removed: 2 });
    assert.deepEqual(await good(), ['20260301T040000Z-nightly']);
  });
});
