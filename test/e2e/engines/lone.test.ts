/** One server of each engine under a writer: made, changed, restarted, killed, removed and made again on its volume. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type Json } from '../cluster.ts';
import { databaseYaml, startEnvironment, type Environment } from '../environment.ts';
import {
  assertMembersAgree,
  change,
  create,
  explain,
  pods,
  primaryPod,
  recovered,
  whole,
  type UnderTest,
} from '../ha/database.ts';
import { processesOf, signal } from '../ha/faults.ts';
import { chosen, subjects } from '../ha/subjects.ts';
import { acks } from '../ha/writer/analysis.ts';

describe('one server of each engine', function () {
  this.timeout(300_000);
  const chosenSubjects = subjects.filter(({ engine }) => chosen('E2E_ENGINE', engine));
  let environment: Environment;
  before(async () => {
    environment = await startEnvironment('engines', ['postgres-17', 'node-20', ...chosenSubjects.map((s) => s.recipe)]);
  });
  after(() => environment.stop());

  for (const subject of chosenSubjects) {
    describe(subject.engine, () => {
      let d: UnderTest;
      let made: UnderTest | undefined;
      let failedBefore = false;
      beforeEach(function () {
        // What follows builds on what came before: it would only tell the same fault again.
        if (failedBefore) assert.fail('a test before this one failed');
      });
      afterEach(function () {
        failedBefore ||= this.currentTest?.isFailed() === true;
      });
      after(() => made?.writer.stop());

      /** Nothing that was acknowledged may be gone: a lone server promises what its volume has. */
      const nothingLost = async (): Promise<void> => {
        await recovered(d, 120_000);
        await assertMembersAgree(d, 1);
      };

      it('is Running and takes writes with the credentials of its Secret', async () => {
        const created = await create(environment, subject, `lone-${subject.engine}`, { deletionPolicy: 'Retain' });
        d = created.database;
        made = d;
        process.stderr.write(`    ready ${created.seconds.toFixed(1)} s after apply\n`);
        await nothingLost();
      });

      it('keeps what was acknowledged when its pod is deleted', async () => {
        const before = await primaryPod(d);
        await environment.cluster.expectKubectl(['delete', 'pod', `${d.name}-0`, '-n', environment.namespace]);
        await eventually('a new pod', 60_000, async () => {
          const [pod] = await pods(d);
          return pod !== undefined && pod.metadata.uid !== before.metadata.uid;
        });
        await nothingLost();
      });

      it('keeps what was acknowledged when its server is killed', async () => {
        const { cluster } = environment;
        const pids = await processesOf(cluster, await primaryPod(d), subject.process);
        await signal(cluster, 'KILL', pids.slice(0, 1));
        await eventually(
          'it was started again',
          60_000,
          async () => restarts(await primaryPod(d)) > 0,
          () => explain(d),
        );
        await nothingLost();
      });

      if (subject.reloads !== undefined)
        it('takes a setting over without a restart', async () => {
          const before = await primaryPod(d);
          const { code, text } = await change(d, { ...d.spec, config: { parameters: subject.reloads } });
          assert.equal(code, 0, text);
          await whole(d, 180_000);
          const after = await primaryPod(d);
          assert.deepEqual([after.metadata.uid, restarts(after)], [before.metadata.uid, restarts(before)]);
        });

      it('restarts for a setting that needs it, and starts with it', async () => {
        const before = await primaryPod(d);
        const parameters = { ...subject.reloads, ...subject.restarts };
        const { code, text } = await change(d, { ...d.spec, config: { parameters } });
        assert.equal(code, 0, text);
        await eventually('a new pod', 120_000, async () => {
          const [pod] = await pods(d);
          return pod !== undefined && pod.metadata.uid !== before.metadata.uid;
        });
        await nothingLost();
      });

      it('says its passwords nowhere', async () => {
        const { cluster, namespace } = environment;
        const secret = await cluster.get('secret', namespace, `${d.name}-internal`);
        const passwords = Object.values(secret?.data ?? {}).map((value) => Buffer.from(value, 'base64').toString());
        assert.equal(passwords.length, 4);
        const commandLines = 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n"; true';
        const places = {
          'log of the pod': (await cluster.kubectl(['logs', `${d.name}-0`, '-n', namespace])).stdout,
          'log of the operator': environment.operatorLog(),
          'pods, Events and status': await cluster.expectKubectl([
            'get',
            'pods,events,database',
            '-n',
            namespace,
            '-o',
            'yaml',
          ]),
          'a command line on the node': await cluster.node(['sh', '-c', commandLines]),
        };
        const said = Object.entries(places).filter(([, text]) => passwords.some((password) => text.includes(password)));
        assert.deepEqual(
          said.map(([place]) => place),
          [],
        );
      });

      it('is made again on its volume, under Retain, with everything in it', async () => {
        const { cluster, namespace } = environment;
        await cluster.expectKubectl(['delete', 'database', d.name, '-n', namespace, '--timeout=90s']);
        await eventually('its pod is gone', 60_000, async () => (await pods(d)).length === 0);
        await delay(1_000);
        const { code, stderr } = await cluster.apply(databaseYaml(d.name, namespace, d.spec));
        assert.equal(code, 0, stderr);
        await nothingLost();
        assert.ok(acks(d.writer.lines()).length > 0);
      });
    });
  }
});

function restarts(pod: Json): number {
  const containers = (pod.status?.['containerStatuses'] ?? []) as readonly { restartCount: number }[];
  return containers.reduce((total, { restartCount }) => total + restartCount, 0);
}
