import assert from 'node:assert/strict';
import path from 'node:path';
import { bundle } from './bundle.ts';
import { secondCopies } from './one-copy.ts';

describe('one copy of each package', () => {
  it('is of the same name and version, the one whose folder sorts first', () => {
    const copies = secondCopies({
      '': { version: '0.1.0' },
      'node_modules/b/node_modules/@x/types': { version: '3.0.0' },
      'node_modules/a/node_modules/@x/types': { version: '3.0.0' },
      'node_modules/@x/types': { version: '2.0.0' },
      'node_modules/types': { version: '3.0.0' },
    });
    assert.deepEqual([...copies], [['node_modules/b/node_modules/@x/types/', 'node_modules/a/node_modules/@x/types/']]);
  });

  it('is in the image', async () => {
    const { packages } = await bundle(path.resolve(import.meta.dirname, '../..'), '/app/dist');
    const names = packages.map(({ name, version }) => `${name}@${version}`);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
    assert.ok(names.some((name) => name.startsWith('mime-db@')));
  }).timeout(30_000);
});
