import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { objectClient } from '../../test/support/object-client.ts';
import { fakeClock, type FakeClock } from '../../test/simulation/fake-clock.ts';
import { Secret } from '../api/resources.ts';
import { silentLogger } from '../observe/logger.ts';
import type { CertificateSource } from './certificates.ts';
import { hostNames, issue, type Issue } from './issuer.ts';
import { startSelfSigned, type SelfSignedOptions } from './selfsigned.ts';
import { folderStateStore, memoryStateStore, secretStateStore, type StateStore } from './selfsigned-store.ts';

const day = 86_400_000;
const hosts = ['database-webhook.database-system.svc', '10.0.0.1'];

describe('self-signed certificates', () => {
  let clock: FakeClock;
  const sources: CertificateSource[] = [];
  const start = async (store: StateStore, rest: Partial<SelfSignedOptions> = {}): Promise<CertificateSource> => {
    const source = await startSelfSigned({ store, issue, hosts, clock, logger: silentLogger, ...rest });
    sources.push(source);
    return source;
  };
  /** Jumps without running the hours in between. */
  const later = (days: number): void => void (clock = fakeClock(clock.now() + days * day));
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
  };

  beforeEach(() => (clock = fakeClock()));
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.stop();
  });

  it('are for every host, signed by the CA, and last', async () => {
    const store = memoryStateStore();
    const source = await start(store);
    const { state } = await store.load();
    const leaf = new X509Certificate(source.current()!.cert);
    const ca = new X509Certificate(state!.ca.cert);
    assert.ok(ca.ca && !leaf.ca);
    assert.ok(leaf.verify(ca.publicKey) && leaf.checkIssued(ca));
    assert.ok(leaf.checkHost(hosts[0]!) !== undefined && leaf.checkIP('10.0.0.1') !== undefined);
    assert.equal(leaf.checkHost('elsewhere.example.org'), undefined);
    assert.equal(Math.round((source.current()!.notAfter - clock.now()) / day), 90);
    assert.ok(source.current()!.notBefore < clock.now(), 'clocks behind ours are forgiven');
  });

  it('name a Service in every way that it is called', () => {
    for (const given of ['a.b.svc', 'a.b.svc.cluster.local']) {
      const names = hostNames([given]);
      for (const name of ['a.b.svc', 'a.b', 'a.b.svc.cluster.local', 'localhost', '127.0.0.1'])
        assert.ok(names.includes(name), name);
    }
    assert.ok(!hostNames(['x.example.org']).some((name) => name.includes('svc')));
  });

  it('are renewed at two thirds of their life by the CA that is trusted already', async () => {
    const store = memoryStateStore();
    const first = (await start(store)).current()!;
    const { state } = await store.load();
    later(59);
    assert.equal((await start(store)).current()?.serial, first.serial);
    later(2);
    const renewed = (await start(store)).current()!;
    assert.notEqual(renewed.serial, first.serial);
    assert.equal((await store.load()).state?.ca.cert, state?.ca.cert);
  });

  it('are renewed while the process runs', async () => {
    const source = await start(memoryStateStore(), { leafDays: 1 });
    const first = source.current()!.serial;
    await clock.advance(15 * 3_600_000);
    await settle();
    assert.equal(source.current()?.serial, first);
    await clock.advance(2 * 3_600_000);
    await settle();
    assert.notEqual(source.current()?.serial, first);
    assert.equal(source.problem(), undefined);
  });

  it('trust a new CA before a leaf of it is served, and the old one beside it', async () => {
    const store = memoryStateStore();
    await start(store, { caDays: 30, leafDays: 5 });
    const old = (await store.load()).state!.ca.cert;
    later(21);
    const order: string[] = [];
    const watched: StateStore = {
      ...store,
      save: (state, version) => {
        order.push(state.next === undefined ? 'saved' : 'kept beside the old');
        return store.save(state, version);
      },
    };
    const publisher = {
      publish: (cas: readonly string[]) => {
        order.push(`published ${cas.length}${cas[1] === old ? ' with the old' : ''}`);
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
    };
    const starting = start(watched, { publisher });
    await settle();
    await clock.advance(1_900);
    const first = ['kept beside the old', 'published 2 with the old'];
    assert.deepEqual(order, first, 'time for the API server to see it');
    await clock.advance(200);
    await starting;
    assert.deepEqual(order.slice(2), ['saved', 'published 2 with the old']);
  });

  it('are made anew when the hosts change or the key does not fit', async () => {
    const store = memoryStateStore();
    const first = (await start(store)).current()!;
    const other = await start(store, { hosts: [...hosts, 'more.example.org'] });
    assert.notEqual(other.current()?.serial, first.serial);
    const { state } = await store.load();
    const stranger = await issue({ hosts, now: clock.now(), caDays: 10, leafDays: 10 });
    await store.save({ ...state!, leaf: { ...state!.leaf, key: stranger.leaf.key } }, undefined);
    assert.equal((await start(store)).problem(), undefined);
    await store.save({ ...state!, leaf: stranger.leaf }, undefined);
    const last = await start(store);
    assert.notEqual(last.current()?.cert, stranger.leaf.cert, 'a leaf of another CA');
  });

  it('go on with the old one when renewal fails, and try again', async () => {
    let broken = false;
    const shaky: Issue = (request) => (broken ? Promise.reject(new Error('no')) : issue(request));
    const source = await start(memoryStateStore(), { leafDays: 1, issue: shaky });
    const first = source.current()!.serial;
    broken = true;
    await clock.advance(17 * 3_600_000);
    await settle();
    assert.equal(source.current()?.serial, first);
    broken = false;
    await clock.advance(10_000);
    await settle();
    assert.notEqual(source.current()?.serial, first);
  });

  it('reject the start when none can be made', async () => {
    await assert.rejects(
      start(memoryStateStore(), { issue: () => Promise.reject(new Error('no entropy')) }),
      /no entropy/,
    );
  });

  describe('in a folder', () => {
    let directory: string;
    beforeEach(async () => (directory = await mkdtemp(path.join(tmpdir(), 'selfsigned-'))));
    afterEach(() => rm(directory, { recursive: true, force: true }));

    it('survive a restart and are for nobody else to read', async () => {
      const first = (await start(folderStateStore(directory))).current()!.serial;
      assert.equal((await start(folderStateStore(directory))).current()?.serial, first);
      for (const file of await readdir(directory)) {
        assert.equal((await stat(path.join(directory, file))).mode & 0o077, 0, file);
      }
    });

    it('are made anew when a file is broken', async () => {
      const first = (await start(folderStateStore(directory))).current()!.serial;
      await writeFile(path.join(directory, 'tls.crt'), 'half');
      assert.notEqual((await start(folderStateStore(directory))).current()?.serial, first);
    });

    it('name the flag when it can not be written', async () => {
      const file = path.join(directory, 'file');
      await writeFile(file, '');
      await assert.rejects(start(folderStateStore(file)), /--cert-dir/);
    });
  });

  describe('in a Secret', () => {
    const options = { namespace: 'database-system', name: 'database-webhook-selfsigned', random: () => 0 };

    it('are the same for every replica', async () => {
      const client = objectClient();
      const one = await start(secretStateStore({ ...options, client, clock }));
      const other = await start(secretStateStore({ ...options, client, clock }));
      assert.equal(one.current()?.serial, other.current()?.serial);
      assert.equal(client.writes, 1);
    });

    it('are the same when two replicas start at once: the first to create the Secret wins', async () => {
      const client = objectClient();
      const stores = [1, 2, 3].map(() => secretStateStore({ ...options, client, clock }));
      const all = await Promise.all(stores.map((store) => start(store)));
      assert.equal(new Set(all.map((source) => source.current()?.serial)).size, 1);
      assert.equal(client.writes, 1);
    });

    it('have one new CA, trusted before it is served, also when every replica finds it due at once', async () => {
      const client = objectClient();
      const first = await start(secretStateStore({ ...options, client, clock }), { caDays: 30, leafDays: 90 });
      const old = first.current()!.serial;
      await sources.pop()!.stop();
      later(21);
      // As the API server has it: what was written last.
      let bundle: readonly string[] = [];
      const publisher = {
        publish: (cas: readonly string[]) => {
          bundle = cas;
          return Promise.resolve();
        },
        stop: () => Promise.resolve(),
      };
      const strangers: string[] = [];
      const hooks = {
        onSwap: (certificate: { readonly cert: string; readonly serial: string } | undefined) => {
          if (certificate === undefined || certificate.serial === old) return;
          const leaf = new X509Certificate(certificate.cert);
          if (!bundle.some((ca) => leaf.verify(new X509Certificate(ca).publicKey))) strangers.push(certificate.serial);
        },
      };
      const starting = [1, 2, 3].map(() =>
        start(secretStateStore({ ...options, client, clock }), { caDays: 30, publisher, hooks }),
      );
      for (let turn = 0; turn < 5; turn++) {
        await settle();
        await clock.advance(1_000);
      }
      const all = await Promise.all(starting);
      assert.equal(new Set(all.map((source) => source.current()?.serial)).size, 1);
      assert.notEqual(all[0]?.current()?.serial, old);
      assert.deepEqual(strangers, []);
      assert.equal(client.writes, 3, 'made, kept beside the old, and in its place');
    });

    it('are taken over when another replica renewed them', async () => {
      const client = objectClient();
      const one = await start(secretStateStore({ ...options, client, clock }));
      const store = secretStateStore({ ...options, client, clock });
      const { state, version } = await store.load();
      const { leaf } = await issue({ hosts, now: clock.now(), caDays: 9, leafDays: 90, ca: state!.ca });
      assert.equal(await store.save({ ...state!, leaf }, version), true);
      assert.equal(await store.save(state!, version), false, 'guarded by resourceVersion');
      await settle();
      assert.equal(one.current()?.cert, leaf.cert);
      await store.stop();
    });

    it('are for the operator alone to be told: the Secret is labelled and Opaque', async () => {
      const client = objectClient();
      await start(secretStateStore({ ...options, client, clock }));
      const secret = client.find(Secret, options.name)!;
      assert.equal(secret['type'], 'Opaque');
      assert.equal(secret.metadata.labels?.['app.kubernetes.io/managed-by'], 'database-operator');
    });
  });
});
