import assert from 'node:assert/strict';
import { cliPlan } from './plan.ts';
import { run, type Ran } from './testing.test.ts';

const manifest = (spec: string, name = 'orders'): string => `apiVersion: example.com/v1
kind: Database
metadata: {name: ${name}, namespace: shop}
spec: {engine: postgresql, version: "17.2", storage: {size: 10Gi}, ${spec}}
`;
const stored = manifest('replicas: 3');

interface Item {
  readonly allowed: boolean;
  readonly warnings: readonly string[];
  readonly violations: readonly { readonly field: string; readonly message: string }[];
  readonly plan?: {
    readonly summary: string;
    readonly impact: string;
    readonly notes: readonly string[];
    readonly steps: readonly {
      readonly action: string;
      readonly kind: string;
      readonly name: string;
      impact: string;
    }[];
  };
}
const plan = (after: string, before = stored, ...flags: string[]): Promise<Ran> =>
  run(cliPlan, ['-f', 'new.yaml', '--old', 'old.yaml', ...flags], { files: { 'new.yaml': after, 'old.yaml': before } });
const itemOf = (ran: Ran): Item => (JSON.parse(ran.out) as { items: Item[] }).items[0]!;

describe('plan', () => {
  it('says what restarts, in which order and why', async () => {
    const ran = await plan(manifest('replicas: 3, config: {maxConnections: 50}'));
    assert.equal(ran.code, 0);
    assert.match(ran.out, /^allowed {2}Database shop\/orders: restarts 3 servers one at a time, the primary last/);
    assert.match(ran.out, /^ {2}because of spec\.config\.maxConnections$/m);
    const rows = ran.out.split('\n').filter((line) => line.startsWith('  restart '));
    assert.deepEqual(
      rows.map((line) => line.trim().split(/\s+/)),
      [
        ['restart', 'orders-2', 'restart'],
        ['restart', 'orders-1', 'restart'],
        ['restart', 'orders-0', 'restart'],
      ],
    );
    assert.doesNotMatch(ran.out, /warning: plan/);
  });

  it('gives the same as JSON', async () => {
    const { plan: told, warnings } = itemOf(await plan(manifest('replicas: 3, hibernate: true'), stored, '-o', 'json'));
    assert.equal(told?.impact, 'downtime');
    assert.deepEqual(
      told.steps.map(({ action, kind, name, impact }) => [action, kind, name, impact]),
      [['apply', 'StatefulSet', 'orders', 'downtime']],
    );
    assert.ok(warnings.every((warning) => !warning.startsWith('plan')));
  });

  it('says so when nothing happens, however the file is written', async () => {
    const other = 'spec: {storage: {size: 10Gi}, replicas: 3, version: "17.2", engine: postgresql}';
    const ran = await plan(stored.replace(/spec: .*/, other));
    assert.equal(ran.code, 0);
    assert.match(ran.out, /: nothing changes in the cluster, nothing restarts\n$/);
  });

  it('tells when the maintenance window opens', async () => {
    const window = 'maintenanceWindow: {schedule: "0 3 * * SUN", duration: 2h}';
    const before = manifest(`replicas: 1, ${window}`);
    const after = manifest(`replicas: 1, ${window}, resources: {limits: {memory: 1Gi}}`);
    const closed = await plan(after, before, '--now', '2026-01-02T00:00:00Z');
    assert.match(closed.out, /wait for the maintenance window, which opens at 2026-01-04T03:00:00Z/);
    const open = await plan(after, before, '--now', '2026-01-04T04:00:00Z');
    assert.match(open.out, /the maintenance window is open now/);
  });

  it('plans what is not stored yet as new', async () => {
    const ran = await plan(manifest('replicas: 1', 'other'));
    assert.equal(ran.code, 0);
    assert.match(ran.out, /^allowed {2}Database shop\/other: makes \d+ objects, nothing restarts$/m);
    assert.match(ran.out, /^ {2}apply StatefulSet other +-$/m);
    assert.doesNotMatch(ran.out, /password/i);
  });

  it('exits 1 when the policy forbids it, and says what would have happened', async () => {
    const ran = await plan(
      manifest('replicas: 3, changePolicy: NoRestart, version: "17.5"').replace(/version: "17.2", /, ''),
    );
    assert.equal(ran.code, 1);
    assert.match(ran.out, /^REFUSED {2}Database shop\/orders: refused$/m);
    assert.match(ran.out, /spec\.version: Forbidden: this change restarts 3 servers.*spec\.changePolicy is NoRestart/);
  });

  it('has a plan for every engine', async () => {
    const ran = await plan(stored.replace('postgresql', 'redis').replace('17.2', '8.0'), 'kind: List\nitems: []');
    assert.equal(ran.code, 0);
    assert.match(ran.out, /makes \d+ objects, nothing restarts/);
  });

  it('has none for a kind that this release does not run', async () => {
    const user = stored
      .replace('kind: Database', 'kind: DatabaseUser')
      .replace(/spec:[^]*/, 'spec: {databaseRef: {name: orders}, username: app, privileges: [{preset: readonly}]}\n');
    const ran = await plan(user, 'kind: List\nitems: []');
    assert.match(ran.out, /no plan: this release makes nothing of it/);
  });

  for (const [title, args] of [
    ['no file', []],
    ['a file that is not there', ['-f', 'none.yaml']],
    ['an old file that is not there', ['-f', 'new.yaml', '--old', 'none.yaml']],
    ['an unknown form', ['-f', 'new.yaml', '-o', 'yaml']],
    ['an unknown flag', ['-f', 'new.yaml', '--odl', 'x']],
    ['a bad clock', ['-f', 'new.yaml', '--now', 'noon']],
    ['standard input twice', ['-f', '-', '--old', '-']],
  ] as const) {
    it(`exits 2 for ${title}`, async () => {
      const { code, out, err } = await run(cliPlan, args, { files: { 'new.yaml': stored } });
      assert.deepEqual([code, out], [2, '']);
      assert.notEqual(err, '');
    });
  }
});
