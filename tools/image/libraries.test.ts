import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from './bundle.ts';

describe('client libraries of the databases', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  const entry = 'test/support/print-libraries.ts';
  const all = 'function function function function';

  it('have their names as Node loads them', () => {
    assert.equal(execFileSync(process.execPath, [path.join(root, entry)], { encoding: 'utf8' }), all);
  }).timeout(30_000);

  it('have them in the image, too', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'bundle-'));
    try {
      for (const { path: file, content } of (await bundle(root, folder, entry)).files) {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
      writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
      const main = path.join(folder, 'print-libraries.js');
      assert.equal(execFileSync(process.execPath, [main], { encoding: 'utf8' }), all);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }).timeout(30_000);
});
