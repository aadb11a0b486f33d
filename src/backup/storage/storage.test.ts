import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BackupFault } from '../../engines/backup.ts';
import { startFakeS3, type FakeS3 } from '../../../test/support/fake-s3.ts';
import { directoryStorage } from './directory.ts';
import { s3Send } from './s3-request.ts';
import { s3Storage } from './s3.ts';
import { readAll, writeAll, type Storage } from './storage.ts';

const keys = () => Promise.resolve({ accessKeyId: 'a', secretAccessKey: 's' });
const fast = { tries: 4, firstPauseMs: 1, answerMs: 30_000 };
const most = 64 * 1024 * 1024;

const overS3 = (fake: FakeS3, answerMs = fast.answerMs): Storage =>
  s3Storage('bucket', s3Send({ bucket: 'bucket', endpoint: fake.endpoint }, keys, { ...fast, answerMs }));

async function store(storage: Storage, name: string, content: Buffer): Promise<void> {
  const writer = await storage.create(name);
  for (let at = 0; at < content.length; at += 100_000) await writer.write(content.subarray(at, at + 100_000));
  await writer.finish();
}

const reason = (expected: string) => (error: unknown) => error instanceof BackupFault && error.reason === expected;

describe('storage of backups', () => {
  let fake: FakeS3;
  let root: string;
  beforeEach(async () => {
    fake = await startFakeS3();
    root = mkdtempSync(path.join(tmpdir(), 'backup-storage-'));
  });
  afterEach(() => {
    fake.close();
    rmSync(root, { recursive: true });
  });
  const kinds: readonly (readonly [string, () => Storage])[] = [
    ['a directory', () => directoryStorage(root)],
    ['a bucket', () => overS3(fake)],
  ];
  for (const [kind, open] of kinds) {
    describe(`in ${kind}`, () => {
      for (const bytes of [0, 1, 8 * 1024 * 1024, 20_000_003]) {
        it(`gives back ${bytes} bytes`, async () => {
          const content = randomBytes(bytes);
          await store(open(), 'p/ns/db/x', content);
          assert.ok((await readAll(open(), 'p/ns/db/x', most)).equals(content));
          assert.deepEqual(
            (await open().list('p/ns/')).map(({ path: name, bytes: size }) => [name, size]),
            [['p/ns/db/x', bytes]],
          );
        });
      }

      it('shows nothing until it is whole, and nothing that was given up', async () => {
        const writer = await open().create('p/ns/db/x');
        await writer.write(randomBytes(9_000_000));
        assert.deepEqual(await open().list('p/'), []);
        await writer.abort();
        assert.deepEqual(await open().list('p/'), []);
        assert.equal(fake.uploads.size, 0);
      });

      it('sweeps away what a killed writer left', async () => {
        const writer = await open().create('p/ns/db/x');
        await writer.write(randomBytes(9_000_000));
        assert.equal(await open().sweep('p/', new Date(0)), 0);
        assert.equal(await open().sweep('p/', new Date(Date.now() + 60_000)), 1);
        assert.equal(fake.uploads.size, 0);
        assert.ok(!existsSync(path.join(root, 'p/ns/db/x.part')));
        await writer.abort();
      });

      it('says that something does not exist', async () => {
        await assert.rejects(readAll(open(), 'p/none', most), reason('BackupNotFound'));
        assert.deepEqual(await open().list('none/'), []);
        await open().remove(['p/none']);
      });

      it('removes', async () => {
        await writeAll(open(), 'p/a/x', Buffer.from('x'));
        await open().remove(['p/a/x']);
        assert.deepEqual(await open().list('p/'), []);
        assert.deepEqual(
          readdirSync(root).filter((name) => name !== 'p'),
          [],
        );
      });
    });
  }

  describe('in a bucket that fails', () => {
    const content = randomBytes(20_000_000);
    const once = (pattern: RegExp, fault: ReturnType<FakeS3['fault']>) => {
      let left = 1;
      return (request: string) => (pattern.test(request) && left-- > 0 ? fault : undefined);
    };
    for (const fault of [500, 503, 429, 'reset'] as const) {
      for (const where of [/partNumber=2/, /POST .*uploads=/, /POST .*uploadId=/, /partNumber=3/]) {
        it(`is not shaken by one ${fault} at ${where.source}`, async () => {
          fake.fault = once(where, fault);
          await store(overS3(fake), 'x', content);
          assert.ok(fake.objects.get('x')?.equals(content));
        });
      }
    }

    it('is not held up by a request that nobody answers', async () => {
      fake.fault = once(/partNumber=2/, 'silence');
      await store(overS3(fake, 1000), 'x', content);
      assert.ok(fake.objects.get('x')?.equals(content));
    }).timeout(20_000);

    it('goes on where a download broke off', async () => {
      fake.objects.set('x', content);
      fake.fault = once(/GET x/, 'half');
      assert.ok((await readAll(overS3(fake), 'x', most)).equals(content));
      assert.equal(fake.requests.filter((request) => request.startsWith('GET x')).length, 2);
    });

    it('takes an upload for complete whose answer was lost', async () => {
      let dropped = false;
      fake.fault = (request) => {
        if (!/POST .*uploadId=/.test(request) || dropped) return undefined;
        dropped = true;
        fake.objects.set('x', content);
        fake.uploads.clear();
        return 'reset';
      };
      await store(overS3(fake), 'x', content);
    });

    it('gives up in the end, says why and leaves no upload', async () => {
      fake.fault = (request) => (request.includes('partNumber=2') ? 503 : undefined);
      const storage = overS3(fake);
      const writer = await storage.create('x');
      await assert.rejects(writer.write(content), reason('StorageFailed'));
      await writer.abort();
      assert.equal(fake.uploads.size, 0);
      assert.equal(fake.requests.filter((request) => request.includes('partNumber=2')).length, fast.tries);
    });

    it('does not repeat what will not change, and says what to do', async () => {
      fake.fault = () => 403;
      await assert.rejects(overS3(fake).list('x/'), (error: unknown) => {
        assert.ok(error instanceof BackupFault);
        assert.equal(error.reason, 'StorageDenied');
        assert.match(error.message, /check the credentials/);
        return true;
      });
      assert.equal(fake.requests.length, 1);
    });

    it('names an endpoint that nobody answers at', async () => {
      fake.close();
      await assert.rejects(overS3(fake).list(''), /no answer from http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
    });
  });
});
