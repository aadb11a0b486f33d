import assert from 'node:assert/strict';
import { postgresqlLog, wholePieces } from './log.ts';

const wal = (timeline: number, number: number): string =>
  [timeline, Math.floor(number / 256), number % 256]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');

describe('files of the write-ahead log', () => {
  it('are whole up to the one that is being written; old ones that wait for their turn are not', () => {
    const names = [wal(1, 3), wal(1, 1), wal(1, 2), wal(1, 4), wal(1, 5), 'archive_status', 'summaries'];
    assert.deepEqual(wholePieces({ current: wal(1, 3), history: '', names }), [wal(1, 1), wal(1, 2)]);
  });

  it('of a former timeline count up to where the next branched off', () => {
    const history = '1\t0/5000148\tno recovery target specified\n\n2\t0/7000028\tno recovery target specified\n';
    const names = [wal(1, 4), wal(1, 5), wal(2, 5), wal(2, 6), wal(2, 7), wal(3, 7), wal(3, 8), '00000003.history'];
    assert.deepEqual(wholePieces({ current: wal(3, 8), history, names }), [
      '00000003.history',
      wal(1, 4),
      wal(2, 5),
      wal(2, 6),
      wal(3, 7),
    ]);
  });

  it('of a timeline that is no ancestor are none of ours', () => {
    assert.deepEqual(wholePieces({ current: wal(1, 9), history: '', names: [wal(2, 3)] }), []);
  });

  it('follow each other across 256', () => {
    assert.equal(postgresqlLog.next(wal(7, 255)), wal(7, 256));
    assert.equal(postgresqlLog.comparePieces(wal(1, 255), wal(2, 256)), -1);
    assert.equal(postgresqlLog.comparePieces(wal(3, 9), wal(2, 9)), 0);
  });

  it('are told from notes about timelines', () => {
    assert.deepEqual(
      ['00000002.history', wal(1, 1), `${wal(1, 1)}.partial`].map((name) => postgresqlLog.isPiece(name)),
      [false, true, false],
    );
  });
});
