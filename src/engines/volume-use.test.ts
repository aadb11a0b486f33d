import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { measureVolume, volumeUse } from './volume-use.ts';

const rows: readonly (readonly [title: string, line: string, use: ReturnType<typeof volumeUse>])[] = [
  ['what df says', '1000 512 1024\n', { usedBytes: 524_288, sizeBytes: 1_048_576, ageSeconds: 30 }],
  ['a clock that was turned back', '1090 1 2', { usedBytes: 1024, sizeBytes: 2048, ageSeconds: 0 }],
  ['a file that is being written', '', undefined],
  ['half a line', '1000 512', undefined],
  ['a line that is cut in a number', '1000 512 ', undefined],
  ['no size', '1000 0 0', undefined],
  ['something else', '1000 512 1024 x', undefined],
];

describe('how full a volume is', () => {
  for (const [title, line, use] of rows) it(title, () => assert.deepEqual(volumeUse(line, 1030), use));

  const measure = (volume: string): string =>
    execFileSync('sh', ['-uc', `${measureVolume}\nmeasure_volume`], {
      encoding: 'utf8',
      env: { ...process.env, volume },
    });
  it('is measured by the shell', () => {
    const use = volumeUse(measure('/'), Date.now() / 1000);
    assert.ok(use && use.usedBytes > 0 && use.sizeBytes > use.usedBytes && use.ageSeconds < 60, JSON.stringify(use));
  });
  it('is not known of a directory that is gone', () => assert.equal(measure('/no/such/directory'), ''));
});
