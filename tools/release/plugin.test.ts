/** The archive that krew installs runs, and the manifest is what krew asks for. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { krewManifest, pluginArchive, type PluginRelease } from './plugin.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly version: string;
    readonly homepage: string;
    readonly shortDescription: string;
    readonly platforms: readonly {
      readonly uri: string;
      readonly sha256: string;
      readonly bin: string;
      readonly selector: unknown;
    }[];
  };
}

describe('the released plugin', function () {
  this.timeout(60_000);
  let release: PluginRelease;
  let manifest: Manifest;
  let folder: string;
  const places = { url: 'https://example.com/kubectl-database.tar.gz', homepage: 'https://example.com/' };

  before(async () => {
    release = await pluginArchive();
    manifest = parse(krewManifest(release, places)) as Manifest;
    folder = await mkdtemp(path.join(tmpdir(), 'kubectl-database-'));
    await writeFile(path.join(folder, 'a.tar.gz'), release.archive);
    execFileSync('tar', ['-xzf', 'a.tar.gz'], { cwd: folder });
  });
  after(() => rm(folder, { recursive: true }));

  it('has a manifest of the form that krew validates', async () => {
    const { version } = JSON.parse(await readFile(path.join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    const { apiVersion, kind, metadata, spec } = manifest;
    assert.deepEqual(
      [apiVersion, kind, metadata.name],
      ['krew.googlecontainertools.github.com/v1alpha2', 'Plugin', 'database'],
    );
    assert.equal(spec.version, `v${version}`);
    assert.ok(
      spec.shortDescription.length > 0 && spec.shortDescription.length <= 50 && !spec.shortDescription.endsWith('.'),
    );
    const [platform] = spec.platforms;
    assert.equal(platform?.sha256, createHash('sha256').update(release.archive).digest('hex'));
    assert.equal(platform.uri, places.url);
  });

  it('runs through a link, as krew puts it on the PATH, and knows its version', async () => {
    const link = path.join(folder, 'kubectl-database');
    await symlink(path.join(folder, manifest.spec.platforms[0]?.bin ?? ''), link);
    const env = { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin` };
    assert.equal(`v${execFileSync(link, ['version'], { env, encoding: 'utf8' }).trim()}`, manifest.spec.version);
    assert.match(
      execFileSync(link, ['status', '--help'], { env, encoding: 'utf8' }),
      /^Usage: kubectl database status NAME/,
    );
  });

  it('is the same for the same sources', async () => {
    assert.ok((await pluginArchive()).archive.equals(release.archive));
  });

  it('is small', () => {
    assert.ok(release.archive.length < 3 * 1024 * 1024, `${release.archive.length} bytes`);
  });
});
