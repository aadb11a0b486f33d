import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { emptyServer, makeToy, type Toy } from '../../test/support/toy-engine.ts';
import type { BackupOrder } from '../api/backup-order.ts';
import { BackupFault } from '../engines/backup.ts';
import type { Job } from './context.ts';
import { openExchange, type Exchange } from './exchange.ts';
import { logRoot, storePiece } from './log-store.ts';
import { recover } from './recover.ts';
import { directoryStorage } from './storage/directory.ts';
import type { Storage } from './storage/storage.ts';
import { take, type Outcome } from './take.ts';

const key = Buffer.alloc(32, 1);

describe('recovery to a moment', function () {
  this.timeout(60_000);
  let root: string;
  let toy: Toy;
  let container: ChildProcess;
  let exchange: Exchange;
  let storage: Storage;
  beforeEach(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'recover-'));
    toy = makeToy(root);
    container = toy.start();
    exchange = await openExchange(toy.exchange, 20_000);
    storage = directoryStorage(path.join(root, 'stored'));
    for (const name of ['server', 'credentials', 'secret']) emptyServer(path.join(root, name));
    writeFileSync(path.join(root, 'server/a.table'), 't1 20\n');
    writeFileSync(path.join(root, 'credentials/superuser-password'), 'x');
    writeFileSync(path.join(root, 'secret/password'), 'old');
    writeFileSync(path.join(root, 'key'), key);
    await take(job({ verb: 'backup', files: true, applicationSecretDirectory: path.join(root, 'secret') }));
    for (const piece of ['1', '2', '3']) await store(piece);
  });
  afterEach(async () => {
    await exchange.close();
    if (container.exitCode === null && container.signalCode === null) await once(container, 'exit');
    rmSync(root, { recursive: true });
  });

  const order = (more: Partial<BackupOrder>): BackupOrder => ({
    ...{ version: 1, verb: 'recover', engine: 'toy', prefix: 'p/', storage: { directory: root } },
    database: { namespace: 'ns', name: 'shop', uid: 'u' },
    server: { host: path.join(root, 'server'), port: 1, credentialsDirectory: path.join(root, 'credentials') },
    encryptionKeyFile: path.join(root, 'key'),
    application: { database: 'shop', username: 'ann' },
    ...more,
  });
  const job = (more: Partial<BackupOrder>): Job => ({
    ...{ order: order(more), storage, engine: () => toy.engine, exchange: () => Promise.resolve(exchange) },
    ...{ now: () => new Date('2026-03-01T00:00:00Z'), say: () => undefined },
  });
  const store = async (piece: string): Promise<void> => {
    const chunks = async function* (): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from(`<${piece}>`));
    };
    await storePiece({ storage, folder: `${logRoot(order({}))}7/`, key }, piece, chunks());
  };
  /** The toy's moments are the pieces that it needs to come to. */
  const recoverTo = (moment: string): Promise<Outcome> =>
    recover(job({ moment, backup: '20260301T000000Z' }), toy.exchange);
  const data = (name: string): string => readFileSync(path.join(toy.scratch, 'data', name), 'utf8');
  const reason = (expected: string) => (error: unknown) => {
    assert.ok(error instanceof BackupFault, String(error));
    assert.equal(error.reason, expected);
    return true;
  };

  it('unpacks the files and replays the log as far as the moment', async () => {
    const { ok, warnings } = await recoverTo('2');
    assert.deepEqual([ok, warnings], [true, []]);
    assert.equal(data('files'), 't1 20\n');
    assert.equal(data('log'), '<1><2>');
    assert.equal(data('owner'), 'shop ann');
  });

  it('replays everything where the log ends before it, and says so', async () => {
    const { ok, warnings } = await recoverTo('9');
    assert.equal(ok, true);
    assert.match(warnings?.join() ?? '', /the stored log ends before 9: .* the last change is of piece 3/);
    assert.ok(data('log').endsWith('<1><2><3>'));
  });

  it('gives nobody older data than was asked for where pieces are missing', async () => {
    await store('5');
    await assert.rejects(recoverTo('9'), (error: unknown) => {
      assert.match(String(error), /lacks what came before 5, so 9 can't be reached: choose a moment before that/);
      return reason('MomentNotCovered')(error);
    });
    assert.throws(() => data('log'), /ENOENT/);
    await recoverTo('3');
    assert.ok(data('log').endsWith('<1><2><3>'));
  });

  it('does not take a piece that can not be read for the end of the log', async () => {
    truncateSync(path.join(root, 'stored', `${logRoot(order({}))}7/2.zst.enc`), 60);
    await assert.rejects(recoverTo('3'), reason('Corrupt'));
    assert.throws(() => data('log'), /ENOENT/);
  });

  it('never touches a volume that has held a server, and knows its own work again', async () => {
    await recoverTo('2');
    assert.deepEqual((await recoverTo('2')).warnings, ['it was restored already']);
    await assert.rejects(recoverTo('3'), reason('NotEmpty'));
    assert.equal(data('log'), '<1><2>');
  });

  it('needs a backup with a copy of the files', async () => {
    const later = { ...job({ verb: 'backup' }), now: () => new Date('2026-03-02T00:00:00Z') };
    await take(later);
    await assert.rejects(
      recover(job({ moment: '2', backup: '20260302T000000Z' }), toy.exchange),
      reason('BackupNotFound'),
    );
  });
});
