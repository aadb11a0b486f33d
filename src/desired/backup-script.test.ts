import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { backupScript } from './backup-script.ts';

interface Report {
  readonly backup: string;
  readonly ok: boolean;
  readonly bytes: number;
  readonly kept: number;
  readonly removed: number;
}

describe('the backup script', () => {
  let root: string;
  const directory = (): string => path.join(root, 'backup', 'orders');
  const list = (): string[] => readdirSync(directory()).sort();
  const old = (...names: string[]): void => {
    for (const name of names) {
      mkdirSync(path.join(directory(), name), { recursive: true });
      writeFileSync(path.join(directory(), name, 'orders.dump'), 'old');
    }
  };
  const run = (keep: { count?: number; seconds?: number }, dump = 'printf rows >"$1/orders.dump"') => {
    writeFileSync(path.join(root, 'dump.sh'), dump);
    const { status, stdout } = spawnSync('sh', [path.join(root, 'backup.sh')], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        BACKUP_DIRECTORY: directory(),
        BACKUP_HOST: 'orders-primary',
        KEEP_COUNT: String(keep.count ?? 0),
        KEEP_SECONDS: String(keep.seconds ?? 0),
      },
    });
    return { status, report: JSON.parse(stdout) as Report };
  };
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'backup-'));
    writeFileSync(path.join(root, 'backup.sh'), backupScript);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('makes one directory with checksums and reports it in one line', () => {
    const { status, report } = run({ count: 3 });
    assert.equal(status, 0);
    assert.deepEqual([report.ok, report.kept, report.removed], [true, 1, 0]);
    assert.match(report.backup, /^\d{8}T\d{6}Z$/);
    assert.deepEqual(list(), [report.backup]);
    const sums = readFileSync(path.join(directory(), report.backup, 'SHA256SUMS'), 'utf8');
    assert.match(sums, /^[0-9a-f]{64} {2}\.\/orders\.dump\n$/);
  });

  it('leaves the old ones and no half one when the dump fails', () => {
    old('20010101T000000Z');
    const { status, report } = run({ count: 1 }, 'printf ro >"$1/orders.dump"; exit 3');
    assert.equal(status, 1);
    assert.equal(report.ok, false);
    assert.deepEqual(list(), ['20010101T000000Z']);
  });

  it('removes what a killed run has left', () => {
    old('20010101T000000Z.part');
    const { report } = run({ count: 3 });
    assert.deepEqual(list(), [report.backup]);
  });

  it('keeps as many as asked for, the newest', () => {
    old('20010101T000000Z', '20020101T000000Z', '20030101T000000Z');
    const { report } = run({ count: 2 });
    assert.deepEqual([report.kept, report.removed], [2, 2]);
    assert.deepEqual(list(), ['20030101T000000Z', report.backup]);
  });

  it('keeps those younger than asked for', () => {
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString().replace(/[-:]|\.\d+/g, '');
    old('20010101T000000Z', hourAgo);
    const { report } = run({ seconds: 86_400 });
    assert.equal(report.removed, 1);
    assert.deepEqual(list(), [hourAgo, report.backup]);
  });

  it('never removes the newest, however short the retention', () => {
    const { report } = run({ seconds: 1 });
    assert.deepEqual(list(), [report.backup]);
  });

  it('touches nothing that is not a backup', () => {
    old('notes', '20010101T000000Z-by-hand');
    run({ count: 1 });
    assert.ok(
      existsSync(path.join(directory(), 'notes')) && existsSync(path.join(directory(), '20010101T000000Z-by-hand')),
    );
  });
});
