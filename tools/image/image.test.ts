import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { archive } from './archive.ts';
import { command, entrypoint, environment, labels, licensesPath, sbomPath, uid } from './config.ts';
import { licenses, sbom } from './sbom.ts';
import { tar } from '../../src/plugin/report/tar.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('the image', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'image-test-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const unpack = (content: Buffer): readonly string[] => {
    const file = path.join(folder, 'archive.tar');
    writeFileSync(file, content);
    execFileSync('tar', ['-xf', file, '-C', folder]);
    return execFileSync('tar', ['-tvf', file], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } })
      .trim()
      .split('\n');
  };

  it('is a tar archive that tar reads, with folders, modes and long names', () => {
    const long = `${'a'.repeat(90)}/${'b'.repeat(60)}`;
    const listed = unpack(
      tar([
        { path: '/bin/x', content: bytes('run'), executable: true },
        { path: long, content: bytes('l'.repeat(513)) },
      ]),
    );
    assert.equal(readFileSync(path.join(folder, long), 'utf8').length, 513);
    assert.equal(readFileSync(path.join(folder, 'bin/x'), 'utf8'), 'run');
    assert.equal(listed.length, 4);
    assert.ok(listed.every((line) => line.includes('0/0') && line.includes('1970-01-01')));
    assert.ok(listed.some((line) => line.startsWith('-rwxr-xr-x') && line.endsWith('bin/x')));
    assert.throws(() => tar([{ path: 'c'.repeat(300), content: bytes('') }]), /too long/);
  });

  it('is the same for the same files, in whatever order they come', () => {
    const files = ['b', 'a/c'].map((name) => ({ path: name, content: bytes(name) }));
    const make = (reversed: boolean) =>
      archive({
        version: '1.2.3',
        architecture: 'amd64',
        layers: [{ what: 'all', files: reversed ? files.toReversed() : files }],
      });
    assert.deepEqual(make(false), make(true));
    assert.equal(make(false).unpackedBytes, 4);
  });

  it('runs as nobody, without a shell, and names its bill of materials', () => {
    const { content } = archive({ version, architecture: 'amd64', layers: [{ what: 'none', files: [] }] });
    unpack(content);
    const [manifest] = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as {
      Config: string;
      RepoTags: string[];
    }[];
    const { config } = JSON.parse(readFileSync(path.join(folder, manifest!.Config), 'utf8')) as {
      config: { User: string; Labels: Record<string, string>; Entrypoint: string[] };
    };
    assert.deepEqual(manifest!.RepoTags, [`database-operator:v${version}`]);
    assert.equal(config.User, '65532:65532');
    assert.equal(config.Labels['database.example.com/sbom'], sbomPath);
    assert.equal(config.Entrypoint[0], '/usr/local/bin/node');
  });

  it('is what the Dockerfile makes, too', () => {
    const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8').replaceAll(/\\\n\s*/g, '');
    const last = text.slice(text.lastIndexOf('FROM '));
    const line = (word: string): string => new RegExp(`^${word} (.*)$`, 'm').exec(last)?.[1] ?? '';
    assert.deepEqual(JSON.parse(line('ENTRYPOINT')), entrypoint);
    assert.deepEqual(JSON.parse(line('CMD')), command);
    assert.equal(line('USER'), `${uid}:${uid}`);
    const pairs = (list: string): Readonly<Record<string, unknown>> =>
      Object.fromEntries(
        [...list.matchAll(/(\S+?)=("[^"]*"|\S+)/g)].map(([, name, value]) => [name, value?.replaceAll('"', '')]),
      ) as Readonly<Record<string, unknown>>;
    assert.deepEqual(pairs(line('ENV')), environment);
    assert.deepEqual(pairs(line('LABEL')), labels(version));
    assert.match(last, /^FROM scratch\n/);
  });

  it('tells every bundled package once, with its licence', () => {
    const packages = ['a', 'b'].map((name) => ({
      name: `@x/${name}`,
      version: '1.0.0',
      license: 'MIT',
      licenseText: 'as is',
    }));
    const bill = JSON.parse(sbom({ version, nodeVersion: '26.0.0', packages, libraries: [] })) as {
      components: { purl: string }[];
    };
    assert.deepEqual(
      bill.components.map(({ purl }) => purl),
      ['pkg:generic/node@26.0.0', 'pkg:npm/%40x/a@1.0.0', 'pkg:npm/%40x/b@1.0.0'],
    );
    assert.equal(licenses('own', packages).split('as is').length, 2);
    assert.ok(licensesPath.endsWith('.txt'));
  });
});
