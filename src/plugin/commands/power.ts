/** `hibernate` and `wake`. */
import { changeDatabase } from '../change.ts';
import { clusterFlags, waitFlags, type Command } from '../command.ts';
import { settled, statusOf } from '../follow.ts';
import { findDatabase, onlyName } from '../lookup.ts';

export const hibernate: Command = {
  name: 'hibernate',
  summary: 'stop all servers of a Database; volumes, credentials and Services stay',
  operands: 'NAME',
  text: 'Sets spec.hibernate to true. Clients are cut off until it is woken; no backups are made meanwhile.',
  flags: [...waitFlags, ...clusterFlags],
  completes: ['database'],
  async run(call) {
    onlyName(call);
    const { cluster, database } = await findDatabase(call);
    const { name } = database.metadata;
    if (database.spec.hibernate === true && database.status?.phase === 'Hibernated') {
      call.world.stdout(`${name} sleeps already\n`);
      return 0;
    }
    return changeDatabase(call, {
      cluster,
      database,
      body: { spec: { hibernate: true } },
      stored: `${name} is going to sleep`,
      judge: (object) =>
        statusOf(object).phase === 'Hibernated'
          ? { done: `${name} sleeps; kubectl database wake ${name} starts it` }
          : undefined,
    });
  },
};

export const wake: Command = {
  name: 'wake',
  summary: 'start the servers of a Database that hibernates',
  operands: 'NAME',
  text: 'Sets spec.hibernate to false and follows the start.',
  flags: [...waitFlags, ...clusterFlags],
  completes: ['database'],
  async run(call) {
    onlyName(call);
    const { cluster, database } = await findDatabase(call);
    const { name } = database.metadata;
    if (database.spec.hibernate !== true) {
      call.world.stdout(`${name} does not hibernate\n`);
      return 0;
    }
    return changeDatabase(call, {
      cluster,
      database,
      body: { spec: { hibernate: false } },
      stored: `${name} is being started`,
      judge: (object, _, changed) => settled(object, changed.metadata.generation ?? 0),
    });
  },
};
