import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupManifest, BackupOrder } from '../api/backup-order.ts';
import { BackupFault, type LogReader, type LogState } from '../engines/backup.ts';
import { postgresqlLog as log } from '../engines/postgresql/log.ts';
import { pass, type Progress } from './archive.ts';
import { backupName, writeManifest } from './catalogue.ts';
import type { Job } from './context.ts';
import { find } from './find.ts';
import { lastGap, logRoot, readPiece, storedPieces } from './log-store.ts';
import { prune } from './prune.ts';
import { directoryStorage } from './storage/directory.ts';
import type { Storage } from './storage/storage.ts';

const wal = (number: number, timeline = 1): string =>
  [timeline, 0, number].map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join('');
const contentOf = (piece: string): Buffer => Buffer.from(`${piece} `.repeat(1000));

describe('the stored log', () => {
  let root: string;
  let storage: Storage;
  let clock: number;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'log-'));
    storage = directoryStorage(root);
    clock = Date.parse('2026-03-10T00:00:00Z');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const order = (more: Partial<BackupOrder> = {}): BackupOrder => ({
    ...{ version: 1, verb: 'archive', engine: 'postgresql', storage: { directory: root } },
    database: { namespace: 'ns', name: 'shop', uid: 'u' },
    ...more,
  });
  const job = (more: Partial<BackupOrder> = {}): Job => ({
    ...{ order: order(more), storage, now: () => new Date(clock), say: () => undefined },
    engine: () => assert.fail('no engine is asked'),
    exchange: () => assert.fail('nothing is exchanged'),
  });
  const key = Buffer.alloc(32, 3);

  /** A server that has what it is given, and counts how often its log was cut. */
  function server(state: Omit<LogState, 'data'>): { readonly reader: LogReader; readonly cuts: () => number } {
    let cuts = 0;
    const reader: LogReader = {
      state: () => Promise.resolve({ data: '7', ...state }),
      async *read(piece) {
        yield await Promise.resolve(contentOf(piece));
      },
      cut: () => Promise.resolve(`cut ${(cuts += 1)}`),
      close: () => Promise.resolve(),
    };
    return { reader, cuts: () => cuts };
  }
  const look = (state: Omit<LogState, 'data'>, before?: Progress): Promise<Progress> =>
    pass(job(), { log, reader: server(state).reader, key }, before);

  async function read(name: string): Promise<Buffer> {
    const store = { storage, folder: `${logRoot(order())}7/`, key };
    const at = (await storedPieces(store)).get(name);
    assert.ok(at, `${name} is not stored`);
    const chunks: Buffer[] = [];
    for await (const chunk of readPiece(store, name, at)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  const backup = (day: number, firstPiece?: string): Promise<string> => {
    const startedAt = new Date(Date.UTC(2026, 2, day));
    const endedAt = new Date(startedAt.getTime() + 60_000).toISOString();
    const manifest: BackupManifest = {
      ...{ formatVersion: 1, name: backupName(startedAt, undefined), engine: 'postgresql', serverVersion: '17.2' },
      ...{ database: order().database, compression: 'zstd', streams: [], startedAt: startedAt.toISOString(), endedAt },
      fingerprint: { method: 'none', databases: {} },
      ...(firstPiece !== undefined && { files: { data: '7', firstPiece, endedAt } }),
    };
    return writeManifest(storage, 'ns/shop/', manifest);
  };

  it('holds each whole piece once, and gives back what the server had', async () => {
    const first = await look({ position: 'a', pieces: [wal(1), wal(2)] });
    await look({ position: 'b', pieces: [wal(1), wal(2), wal(3)] }, first);
    for (const number of [1, 2, 3]) assert.deepEqual(await read(wal(number)), contentOf(wal(number)));
  });

  it('is what an agent that starts anew goes on from', async () => {
    await look({ position: 'a', pieces: [wal(1)] });
    const again = await look({ position: 'b', pieces: [wal(1), wal(2)] });
    assert.deepEqual([...again.stored.keys()], [wal(1), wal(2)]);
    assert.equal(again.gap, undefined);
  });

  it('has a gap where the server gave pieces up, until a backup begins after it', async () => {
    const before = await look({ position: 'a', pieces: [wal(1)] });
    const after = await look({ position: 'b', pieces: [wal(4), wal(5)] }, before);
    assert.equal(after.gap, wal(4));
    await backup(1, wal(3));
    assert.equal((await look({ position: 'c', pieces: [wal(5)] }, after)).gap, wal(4));
    await backup(2, wal(5));
    assert.equal((await look({ position: 'c', pieces: [wal(5)] }, after)).gap, undefined);
  });

  it('has the gap still when another agent takes over', async () => {
    await look({ position: 'a', pieces: [wal(1)] });
    await look({ position: 'b', pieces: [wal(4), wal(5)] });
    assert.equal((await look({ position: 'c', pieces: [wal(6)] })).gap, wal(4));
    await backup(1, wal(5));
    assert.equal((await look({ position: 'c', pieces: [wal(6)] })).gap, undefined);
  });

  it('has none where another timeline begins', () => {
    assert.equal(lastGap(log, [wal(1), wal(2), '00000002.history', wal(2, 2)]), undefined);
    assert.equal(lastGap(log, [wal(1), wal(2), wal(3, 2)]), undefined);
    assert.equal(lastGap(log, [wal(1), wal(2), wal(4, 2), wal(5, 2)]), wal(4, 2));
    assert.equal(lastGap(log, [wal(9)]), undefined);
  });

  it('is cut a minute after something was written, and never while nothing is', async () => {
    const { reader, cuts } = server({ position: 'cut 1', pieces: [] });
    let progress = await pass(job(), { log, reader, key }, undefined);
    assert.equal(cuts(), 1);
    for (let minute = 0; minute < 5; minute++) {
      clock += 61_000;
      progress = await pass(job(), { log, reader, key }, progress);
    }
    assert.equal(cuts(), 1, 'nothing was written');
    const busy = server({ position: 'x', pieces: [] });
    progress = await pass(job(), { log, reader: busy.reader, key }, progress);
    assert.equal(busy.cuts(), 0, 'not a minute yet');
    clock += 61_000;
    await pass(job(), { log, reader: busy.reader, key }, progress);
    assert.equal(busy.cuts(), 1);
  });

  it('loses with a backup what only that needed, and notes about timelines never', async () => {
    await look({ position: 'a', pieces: ['00000002.history', wal(1), wal(2), wal(3), wal(3, 2), wal(4, 2)] });
    await backup(1, wal(1));
    await backup(2, wal(3));
    await backup(3);
    await prune(storage, order({ retention: { keep: 'count', count: 2 } }), new Date(clock), log);
    const store = { storage, folder: `${logRoot(order())}7/`, key };
    assert.deepEqual(
      [...(await storedPieces(store)).keys()].toSorted(),
      [wal(3), '00000002.history', wal(3, 2), wal(4, 2)].toSorted(),
    );
  });

  it('keeps everything while no backup says what it needs', async () => {
    await look({ position: 'a', pieces: [wal(1), wal(2)] });
    await backup(1);
    await prune(storage, order({ retention: { keep: 'count', count: 1 } }), new Date(clock), log);
    assert.deepEqual(await read(wal(1)), contentOf(wal(1)));
  });

  it('is replayed onto the newest copy that had ended by the moment', async () => {
    await backup(1, wal(1));
    await backup(2, wal(3));
    await backup(3);
    const chosen = async (moment: string): Promise<string> => (await find(job({ moment }))).named.name;
    assert.equal(await chosen('2026-03-02T00:00:59Z'), '20260301T000000Z');
    assert.equal(await chosen('2026-03-02T00:01:00Z'), '20260302T000000Z');
    assert.equal(await chosen('2026-03-09T00:00:00+01:00'), '20260302T000000Z');
    await assert.rejects(chosen('2026-03-01T00:00:30Z'), (error: unknown) => {
      assert.ok(error instanceof BackupFault);
      assert.equal(error.reason, 'MomentNotCovered');
      assert.match(error.message, /the earliest is 2026-03-01T00:01:00/);
      return true;
    });
  });
});
