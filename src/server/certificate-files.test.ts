import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asFiles, makeCertificate, secretVolume, type SecretVolume } from '../../test/support/certificates.ts';
import { systemClock } from '../composition/clock.ts';
import { watchCertificateFiles, type FileOptions } from './certificate-files.ts';
import { checkPair, type Pair } from './certificate.ts';
import type { CertificateSource } from './certificates.ts';

const day = 86_400_000;

describe('certificate files', () => {
  let volume: SecretVolume;
  let source: CertificateSource | undefined;
  let first: Pair;
  let second: Pair;
  const start = async (options: Partial<FileOptions> = {}): Promise<CertificateSource> =>
    (source = await watchCertificateFiles({
      directory: volume.directory,
      clock: systemClock,
      pollMilliseconds: 50,
      watch: false,
      ...options,
    }));
  const serial = ({ cert, key }: Pair): string => {
    const checked = checkPair({ cert, key });
    return checked.ok ? checked.certificate.serial : '';
  };
  const eventually = async (condition: () => boolean): Promise<void> => {
    for (let attempt = 0; attempt < 100 && !condition(); attempt++) await delay(20);
    assert.ok(condition());
  };

  before(async () => {
    first = (await makeCertificate()).leaf;
    second = (await makeCertificate()).leaf;
  });
  beforeEach(async () => (volume = await secretVolume()));
  afterEach(async () => {
    await source?.stop();
    source = undefined;
    await volume.remove();
  });

  it('are read before the start is done', async () => {
    await volume.swap(asFiles(first));
    assert.equal((await start()).current()?.serial, serial(first));
    assert.equal(source?.problem(), undefined);
  });

  it('may come later: the problem names the folder and the flag meanwhile', async () => {
    const { problem, current } = await start();
    assert.equal(current(), undefined);
    assert.match(problem() ?? '', /tls\.crt and tls\.key can't be read from .* \(ENOENT\): check --cert-dir/);
    await volume.swap(asFiles(first));
    await eventually(() => current() !== undefined);
  });

  for (const watch of [false, true]) {
    it(`symlink-swap: are followed when the kubelet swaps its link, by ${watch ? 'watch' : 'poll'}`, async () => {
      await volume.swap(asFiles(first));
      const { current, onChange } = await start({ watch, pollMilliseconds: watch ? 60_000 : 50 });
      let changes = 0;
      onChange(() => changes++);
      await volume.swap(asFiles(second));
      await eventually(() => current()?.serial === serial(second));
      assert.equal(changes, 1);
      await volume.swap(asFiles(first));
      await eventually(() => current()?.serial === serial(first));
    });
  }

  it('half-written-pair: keep the old pair while the new one is half written, broken or gone', async () => {
    await volume.swap(asFiles(first));
    const { current, problem } = await start();
    for (const [files, expected] of [
      [{ ...asFiles(first), 'tls.key': second.key }, /does not belong/],
      [{ ...asFiles(second), 'tls.key': second.key.slice(0, 60) }, /private key can't be read/],
      [{ ...asFiles(second), 'tls.crt': second.cert.slice(0, 100) }, /certificate can't be read/],
      [{ 'tls.crt': '', 'tls.key': '' }, /certificate can't be read/],
    ] as const) {
      await volume.swap(files);
      await eventually(() => expected.test(problem() ?? ''));
      assert.equal(current()?.serial, serial(first));
    }
    await rm(path.join(volume.directory, 'tls.key'));
    await eventually(() => /ENOENT/.test(problem() ?? ''));
    assert.equal(current()?.serial, serial(first));
    await writeFile(path.join(volume.directory, 'tls.key'), second.key);
    await volume.swap(asFiles(second));
    await eventually(() => current()?.serial === serial(second));
    assert.equal(problem(), undefined);
  });

  it('never tell anything of the key', async () => {
    await volume.swap({ ...asFiles(first), 'tls.key': 'hunter2' });
    assert.doesNotMatch((await start()).problem() ?? '', /hunter2/);
  });

  it('are not served when they have expired or are not valid yet; the latest is known all the same', async () => {
    const past = (await makeCertificate({ now: Date.now() - 6 * day })).leaf;
    const future = (await makeCertificate({ now: Date.now() + day })).leaf;
    for (const [pair, expected] of [
      [past, /expired/],
      [future, /not valid before/],
    ] as const) {
      await volume.swap(asFiles(pair));
      const { current, latest, problem } = await start();
      assert.equal(current(), undefined);
      assert.equal(latest()?.serial, serial(pair));
      assert.match(problem() ?? '', expected);
      await source?.stop();
    }
  });

  it('do not replace a valid pair by an expired one', async () => {
    await volume.swap(asFiles(first));
    const { current, problem } = await start();
    await volume.swap(asFiles((await makeCertificate({ now: Date.now() - 6 * day })).leaf));
    await eventually(() => /expired/.test(problem() ?? ''));
    assert.equal(current()?.serial, serial(first));
  });

  it('stop being served when their time comes', async () => {
    await volume.swap(asFiles(first));
    let now = Date.now();
    const timers: (() => void)[] = [];
    const clock = {
      now: () => now,
      after: (_: number, callback: () => void) => (timers.push(callback), () => undefined),
    };
    const { current, onChange } = await start({ clock });
    let changes = 0;
    onChange(() => changes++);
    now += 6 * day;
    for (const timer of timers.splice(0)) timer();
    assert.equal(current(), undefined);
    assert.equal(changes, 1);
  });
});
