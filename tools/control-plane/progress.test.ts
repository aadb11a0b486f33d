import assert from 'node:assert/strict';
import { createProgress, timed, silent } from './progress.ts';

describe('progress', () => {
  const record = (
    isTTY: boolean,
  ): { written: string[]; stream: { isTTY: boolean; write: (text: string) => number } } => {
    const written: string[] = [];
    return { written, stream: { isTTY, write: (text) => written.push(text) } };
  };

  it('replaces the ticking line on a terminal', () => {
    const { written, stream } = record(true);
    const progress = createProgress(stream);
    progress.status('a');
    progress.status('b');
    progress.line('done');
    progress.line('next');
    assert.deepEqual(written, ['\r\x1b[2Ka', '\r\x1b[2Kb', '\r\x1b[2Kdone\n', 'next\n']);
  });

  it('is quiet about what is over soon, and ticks every half minute, in a log', () => {
    const { written, stream } = record(false);
    let now = 0;
    const progress = createProgress(stream, () => now);
    for (const at of [0, 2_999, 3_000, 32_999, 33_000]) {
      now = at;
      progress.status(`at ${at}`);
    }
    progress.line('done');
    now = 35_000;
    progress.status('something else');
    assert.deepEqual(written, ['at 3000\n', 'at 33000\n', 'done\n']);
  });

  it('says nothing of the end when the work fails', async () => {
    const lines: string[] = [];
    const work = timed({ ...silent, line: (text) => lines.push(text) }, 'x', () => Promise.reject(new Error('broken')));
    await assert.rejects(work, /broken/);
    assert.deepEqual(lines, []);
  });
});
