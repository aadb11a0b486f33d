/** A few seeds of every scenario, and proof that the simulator notices what it is there to notice. */
import assert from 'node:assert/strict';
import * as resources from '../api/resources.ts';
import { OPERATOR } from '../../test/simulation/operator.ts';
import { scenarios } from '../../test/simulation/scenarios.ts';
import { isSettled, settle } from '../../test/simulation/settle.ts';
import { makeSimulation, NAMESPACE } from '../../test/simulation/simulation.ts';
import type { Simulation } from '../../test/simulation/simulation.ts';
import { layOver } from '../../test/simulation/patches.ts';

describe('simulated life of Databases', () => {
  for (const [index, scenario] of scenarios.entries()) {
    it(scenario.name, () => scenario.run(makeSimulation(7000 + index)));
  }

  it('is the same again for the same seed', async () => {
    const history = async (): Promise<string> => {
      const simulation = makeSimulation(11);
      simulation.createDatabase('orders', { replicas: 2 });
      await simulation.pass(120_000);
      return JSON.stringify(simulation.world.writes);
    };
    assert.equal(await history(), await history());
  });
});

describe('the simulator notices', () => {
  const running = async (): Promise<Simulation> => {
    const simulation = makeSimulation(1, { faults: false });
    simulation.createDatabase('orders', { replicas: 2 });
    await simulation.until(
      'it runs',
      () => (simulation.database('orders') ? isSettled(simulation.database('orders')!) : false),
      600,
    );
    return simulation;
  };
  const target = (kind: 'Pod' | 'Secret' | 'PersistentVolumeClaim', name: string) => ({
    resource: resources[kind],
    namespace: NAMESPACE,
    name,
  });

  it('a claim that is deleted without consent', async () => {
    const { world, invariants } = await running();
    world.remove(target('PersistentVolumeClaim', 'data-orders-0'), OPERATOR);
    assert.match(invariants.broken.join(), /claim data-orders-0 was deleted/);
  });

  it('a password that changes', async () => {
    const { world, invariants } = await running();
    world.update(target('Secret', 'orders-secret'), OPERATOR, layOver({ data: { password: 'bmV3' } }));
    assert.match(invariants.broken.join(), /overwrote Secret orders-secret/);
  });

  it('a password in a status', async () => {
    const simulation = await running();
    const [secret = ''] = simulation.invariants.secrets;
    simulation.edit(resources.ConfigMap, 'orders-config', { data: { leaked: secret } });
    simulation.invariants.checkLeaks([`said ${secret}`]);
    assert.match(
      simulation.invariants.broken.join(),
      /a password is in ConfigMap orders-config,a password is in the log/,
    );
  });

  it('a restart while another server is away', async () => {
    const { world, invariants } = await running();
    world.remove(target('Pod', 'orders-1'), 'person');
    world.remove(target('Pod', 'orders-0'), OPERATOR);
    assert.match(invariants.broken.join(), /orders-0 was restarted while orders-1 was away/);
  });

  it('two servers that take writes', async () => {
    const simulation = await running();
    for (const server of simulation.servers.of('orders')) simulation.servers.promote(server);
    await assert.rejects(settle(simulation), /orders-0 and orders-1 take writes at once/);
  });

  it('a write while idle', async () => {
    const simulation = await running();
    simulation.scheduler.clock.after(1_000_000, () => {
      simulation.world.update(
        target('Secret', 'orders-secret'),
        OPERATOR,
        layOver({ metadata: { labels: { a: 'b' } } }),
      );
    });
    await assert.rejects(settle(simulation), /writes while idle: update Secret orders-secret/);
  });

  it('a stranger’s object that is written', async () => {
    const simulation = await running();
    simulation.invariants.protect(simulation.create(resources.ConfigMap, { name: 'mine', data: {} }));
    simulation.world.update(
      { resource: resources.ConfigMap, namespace: NAMESPACE, name: 'mine' },
      OPERATOR,
      layOver({ data: { a: 'b' } }),
    );
    assert.match(simulation.invariants.broken.join(), /changed ConfigMap mine/);
  });
});
