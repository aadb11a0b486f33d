/** What a pod of the operator does as itself: its ServiceAccount, its Events, its Lease. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import type { KubernetesObject, ObjectRef } from '../../src/api/object.ts';
import { ConfigMap, Event, Lease, ServiceAccount } from '../../src/api/resources.ts';
import { ApiError, isForbidden } from '../../src/kubernetes/errors.ts';
import { createEventRecorder } from '../../src/kubernetes/events.ts';
import type { HttpClient } from '../../src/kubernetes/http-client.ts';
import { startElection } from '../../src/kubernetes/lease.ts';
import { createAuthority } from '../../tools/control-plane/certificates.ts';
import { connectTo } from '../support/real-client.ts';
import { realClock } from '../support/real-clock.ts';
import { controlPlane, eventually, expectKubectl, kubectl, uniqueNamespace } from './harness.ts';

const userAgent = 'database-operator/identity-test';

describe('the operator as itself, before a real API server', () => {
  let client: HttpClient;
  let namespace: string;
  before(async () => {
    client = await connectTo({ kubeconfig: (await controlPlane()).kubeconfig }, userAgent);
    namespace = await uniqueNamespace('identity');
  });
  after(() => client.close());
  const refOf = (name: string): ObjectRef => ({ resource: ConfigMap, namespace, name });

  describe('with a ServiceAccount', () => {
    let directory = '';
    let env: Record<string, string> = {};
    before(async () => {
      const plane = await controlPlane();
      await client.create(ServiceAccount, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'robot', namespace },
      });
      directory = await mkdtemp(path.join(tmpdir(), 'service-account-'));
      const url = new URL(plane.url);
      env = { KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port };
      await writeFile(path.join(directory, 'ca.crt'), plane.ca);
      await writeFile(path.join(directory, 'namespace'), namespace);
    });
    after(() => rm(directory, { recursive: true }));

    const token = async (): Promise<string> => {
      const file = await (await controlPlane()).serviceAccountKubeconfig(namespace, 'robot');
      const { users } = parse(await readFile(file, 'utf8')) as { users: { user: { token: string } }[] };
      return users[0]?.user.token ?? '';
    };

    it('is answered 403 by name, and reads a rotated token after a 401', async () => {
      await writeFile(path.join(directory, 'token'), await token());
      const robot = await connectTo({ env, serviceAccountDirectory: directory }, userAgent);
      const forbidden = (error: unknown): boolean => {
        assert.ok(isForbidden(error), String(error));
        assert.match((error as Error).message, new RegExp(`system:serviceaccount:${namespace}:robot`));
        return true;
      };
      await assert.rejects(robot.get(refOf('x')), forbidden);
      robot.close();

      await writeFile(path.join(directory, 'token'), 'expired');
      const late = await connectTo({ env, serviceAccountDirectory: directory }, userAgent);
      await assert.rejects(late.get(refOf('x')), (error: unknown) => error instanceof ApiError && error.code === 401);
      await writeFile(path.join(directory, 'token'), await token());
      await assert.rejects(late.get(refOf('x')), forbidden);
      late.close();
    });

    it('does not talk to a server that its CA has not signed', async () => {
      const other = (await createAuthority('other')).certificate;
      await writeFile(path.join(directory, 'ca.crt'), other);
      const stranger = await connectTo({ env, serviceAccountDirectory: directory }, userAgent);
      await assert.rejects(stranger.get(refOf('x')), /no answer from https:.*certificate/);
      await writeFile(path.join(directory, 'ca.crt'), (await controlPlane()).ca);
      stranger.close();
    });
  });

  describe('Events', () => {
    const noted: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'noted', uid: 'uid-noted' },
    };

    it('are accepted, shown by kubectl, and counted when they repeat', async () => {
      const errors: unknown[] = [];
      const recorder = createEventRecorder({
        client,
        clock: realClock,
        random: Math.random,
        reportingController: 'example.com/database-operator',
        reportingInstance: 'operator-0',
        onError: (error) => errors.push(error),
      });
      const event = {
        regarding: { ...noted, metadata: { ...noted.metadata, namespace } },
        type: 'Warning',
        reason: 'NameConflict',
        action: 'Reconcile',
        note: 'é'.repeat(2000),
      } as const;
      for (let index = 0; index < 3; index += 1) recorder.record(event);
      await recorder.flush();
      assert.deepEqual(errors, []);
      const shown = await expectKubectl(['get', 'events', '-n', namespace]);
      assert.match(shown, /Warning\s+NameConflict\s+configmap\/noted/);
      const query = ['get', 'events.events.k8s.io', '-n', namespace, '-o', 'jsonpath={.items[*].series.count}'];
      assert.equal(await expectKubectl(query), '2', 'one Event; the first repeat is written, the next waits');
    });

    it('with three fraction digits are refused: the reason for MicroTime', async () => {
      const bad = {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: 'bad', namespace },
        eventTime: new Date().toISOString(),
        reportingController: 'x/y',
        reportingInstance: 'z',
        action: 'A',
        reason: 'R',
        type: 'Normal',
        regarding: { kind: 'ConfigMap', name: 'x', namespace },
      };
      await assert.rejects(
        client.create(Event, bad),
        (error: unknown) => error instanceof ApiError && error.code === 400,
      );
    });
  });

  it('elects one leader on a real Lease, hands it over on stop, and takes it from a dead one', async function () {
    this.timeout(40_000);
    const start = (identity: string, unplugged = { yes: false }) => {
      const log: string[] = [];
      const through = <T>(call: () => Promise<T>): Promise<T> =>
        unplugged.yes ? Promise.reject(new ApiError('unplugged', { code: 0, reason: 'Unreachable' })) : call();
      const election = startElection({
        client: {
          get: (...call) => through(() => client.get(...call)),
          create: (...call) => through(() => client.create(...call)),
          mergePatch: (...call) => through(() => client.mergePatch(...call)),
        },
        clock: realClock,
        random: Math.random,
        namespace,
        name: 'operator',
        identity,
        leaseMilliseconds: 3000,
        renewMilliseconds: 2000,
        retryMilliseconds: 200,
        onStarted: () => log.push('started'),
        onStopped: () => log.push('stopped'),
        onError: (error) => log.push(unplugged.yes ? 'unplugged' : String(error)),
      });
      return { election, log, unplugged };
    };
    const elected = [start('one'), start('two'), start('three')];
    await eventually(() => elected.some(({ election }) => election.isLeader()));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const leaders = elected.filter(({ election }) => election.isLeader());
    assert.equal(leaders.length, 1);

    await leaders[0]!.election.stop();
    const released = await client.get({ resource: Lease, namespace, name: 'operator' });
    assert.notEqual(
      (released?.['spec'] as { holderIdentity?: string }).holderIdentity,
      leaders[0]!.election.holder ?? '',
    );
    const rest = elected.filter((candidate) => candidate !== leaders[0]);
    const second = await eventually(() => rest.find(({ election }) => election.isLeader()), 2000);

    second.unplugged.yes = true;
    const third = rest.find((candidate) => candidate !== second)!;
    await eventually(() => {
      assert.ok(!(second.election.isLeader() && third.election.isLeader()));
      return third.election.isLeader();
    });
    assert.deepEqual(
      second.log.filter((line) => line !== 'unplugged'),
      ['started', 'stopped'],
    );
    await Promise.all(rest.map(({ election }) => election.stop()));
    const described = await kubectl([
      'get',
      'lease',
      'operator',
      '-n',
      namespace,
      '-o',
      'jsonpath={.spec.leaseTransitions}',
    ]);
    assert.ok(Number(described.stdout) >= 2, described.stdout);
  });
});
