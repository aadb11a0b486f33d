/** A volume that grows while it is written to, and one that is full: on a class with real limits. */
import assert from 'node:assert/strict';
import { eventually } from '../cluster.ts';
import { startEnvironment, type Environment } from '../environment.ts';
import { change, create, explain, recovered, remove, type UnderTest } from './database.ts';
import { record } from './figures.ts';
import { chosen, subjects } from './subjects.ts';
import { observe } from './trial.ts';

describe('volumes', function () {
  this.timeout(600_000);
  let environment: Environment;
  before(async () => {
    environment = await startEnvironment('storage', ['node-20', ...subjects.map(({ recipe }) => recipe)]);
  });
  after(() => environment.stop());

  for (const subject of subjects.filter(({ engine }) => chosen('E2E_ENGINE', engine))) {
    describe(subject.engine, () => {
      let d: UnderTest | undefined;
      before(async () => {
        const storage = { size: '1Gi', storageClass: 'sized' };
        ({ database: d } = await create(environment, subject, `${subject.engine}-v`, { storage }));
      });
      after(async () => {
        if (d !== undefined) await remove(d);
      });

      if (chosen('E2E_EVENT', 'grow'))
        it('grow: online, nobody restarted', async () => {
          assert.ok(d);
          const subjectOf = d;
          const before = await environment.cluster.get('pod', environment.namespace, `${d.name}-0`);
          const course = {
            event: 'grow',
            act: () => grow(subjectOf, '1200Mi'),
            until: () => capacity(subjectOf, '1200Mi'),
            worstMs: 1_000,
            mayLose: 'nothing',
          } as const;
          record(await observe(d, course));
          const after = await environment.cluster.get('pod', environment.namespace, `${d.name}-0`);
          assert.equal(after?.metadata.uid, before?.metadata.uid);
        });

      if (chosen('E2E_EVENT', 'grow-by-itself'))
        it('grow-by-itself: before it is full, and nobody restarted', async () => {
          assert.ok(d);
          const subjectOf = d;
          const before = await environment.cluster.get('pod', environment.namespace, `${d.name}-0`);
          const autoGrow = { threshold: 70, increment: '200Mi', max: '1500Mi' };
          const storage = { size: '1200Mi', storageClass: 'sized', autoGrow };
          const fill = `cd ${subject.dataPath} && head -c $(($(df -Pk . | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4) * 800)) /dev/zero >filler`;
          const course = {
            event: 'grow-by-itself',
            act: async () => {
              const { code, text } = await change(subjectOf, { ...subjectOf.spec, storage });
              assert.equal(code, 0, text);
              assert.doesNotMatch(text, /autoGrow/);
              await capacity(subjectOf, '1200Mi');
              await inServer(subjectOf, fill);
            },
            until: () => capacity(subjectOf, '1400Mi', 240_000),
            // Then it is less full than that: what was measured before does not count again.
            heal: () => inServer(subjectOf, `rm ${subject.dataPath}/filler`),
            worstMs: 1_000,
            mayLose: 'nothing',
          } as const;
          record(await observe(d, course));
          const after = await environment.cluster.get('pod', environment.namespace, `${d.name}-0`);
          assert.equal(after?.metadata.uid, before?.metadata.uid);
        });

      if (chosen('E2E_EVENT', 'grow-full'))
        it('grow-full: writes are taken again after it grew', async () => {
          assert.ok(d);
          const { writer } = d;
          const fill = `dd if=/dev/zero of=${subject.dataPath}/filler bs=1M 2>/dev/null; dd if=/dev/zero of=${subject.dataPath}/filler.rest bs=4k 2>/dev/null; df ${subject.dataPath}`;
          await inServer(d, fill);
          const from = writer.now();
          // A server may go on for a while in what it has reserved; most stop at once.
          await eventually(
            'the volume is full',
            60_000,
            () => Promise.resolve(writer.now() - from > 20_000 || failsNow(writer.lines(), from)),
            () => (d ? explain(d) : Promise.resolve('')),
          );
          await grow(d, '1600Mi');
          await capacity(d, '1600Mi');
          await recovered(d, 180_000);
        });
    });
  }
});

const failsNow = (lines: readonly { kind: string; at: number }[], from: number): boolean =>
  lines.filter(({ kind, at }) => kind === 'fail' && at > from).length > 5;

async function inServer(d: UnderTest, script: string): Promise<void> {
  const { cluster, namespace } = d.environment;
  const pod = [`${d.name}-0`, '-n', namespace, '-c', d.subject.container];
  await cluster.expectKubectl(['exec', ...pod, '--', 'sh', '-c', script]);
}

async function grow(d: UnderTest, size: string): Promise<void> {
  const { code, text } = await change(d, { ...d.spec, storage: { size, storageClass: 'sized' } });
  assert.equal(code, 0, text);
}

async function capacity(d: UnderTest, size: string, timeoutMs = 120_000): Promise<void> {
  const { cluster, namespace } = d.environment;
  await eventually(
    `the volume has ${size}`,
    timeoutMs,
    async () => {
      const claim = await cluster.get('pvc', namespace, `data-${d.name}-0`);
      return (claim?.status?.['capacity'] as { storage?: string } | undefined)?.storage === size;
    },
    () => explain(d),
  );
}
