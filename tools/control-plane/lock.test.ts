import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withLock } from './lock.ts';

describe('lock', () => {
  const timing = { touchMs: 5, staleMs: 60, pollMs: 2 };
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lock-'));
    file = path.join(folder, 'lock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lets one in at a time, also when one holds it past the stale age, and tells the other that it waits', async () => {
    const order: string[] = [];
    const hold = async (name: string): Promise<void> => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 120));
      order.push(`${name} out`);
    };
    let waits = 0;
    await Promise.all(
      ['a', 'b'].map((name) =>
        withLock(
          file,
          () => waits++,
          () => hold(name),
          timing,
        ),
      ),
    );
    assert.equal(waits, 1);
    assert.match(order.join(), /^(a in,a out,b in,b out|b in,b out,a in,a out)$/);
    assert.deepEqual(await readdir(folder), []);
  });

  it('takes over from a holder that was killed', async () => {
    await writeFile(file, '1\n');
    const longAgo = new Date(Date.now() - 1000);
    await utimes(file, longAgo, longAgo);
    assert.equal(
      await withLock(
        file,
        () => undefined,
        () => Promise.resolve('mine'),
        timing,
      ),
      'mine',
    );
  });

  it('is free again after a failure', async () => {
    await assert.rejects(
      withLock(
        file,
        () => undefined,
        () => Promise.reject(new Error('broken')),
        timing,
      ),
      /broken/,
    );
    assert.deepEqual(await readdir(folder), []);
  });
});
