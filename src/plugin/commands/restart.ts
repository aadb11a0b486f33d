/** `restart NAME`: a change of the pod template that means nothing else, carried out by the operator's plan. */
import { timestamp } from '../../api/conditions.ts';
import { changeDatabase } from '../change.ts';
import { clusterFlags, waitFlags, type Command } from '../command.ts';
import { settled } from '../follow.ts';
import { findDatabase, onlyName } from '../lookup.ts';
import { Told } from '../told.ts';

/** The same that kubectl rollout restart sets. The operator's own domain is refused in spec.podTemplate. */
export const restartAnnotation = 'kubectl.kubernetes.io/restartedAt';

export const restart: Command = {
  name: 'restart',
  summary: 'restart all servers of a Database: replicas first, the primary last, after a switchover',
  operands: 'NAME',
  text: `Sets the annotation ${restartAnnotation} in spec.podTemplate.annotations: a change like any other, so that
spec.changePolicy and spec.maintenanceWindow are heeded. A lone server is away until it is back.`,
  flags: [...waitFlags, ...clusterFlags],
  completes: ['database'],
  async run(call) {
    onlyName(call);
    const { cluster, database } = await findDatabase(call);
    const { name } = database.metadata;
    if (database.spec.hibernate === true) throw new Told(`${name} hibernates: kubectl database wake ${name} starts it`);
    const annotations = { [restartAnnotation]: timestamp(call.world.now()) };
    return changeDatabase(call, {
      cluster,
      database,
      body: { spec: { podTemplate: { annotations } } },
      stored: `${name} is going to restart`,
      judge: (object, _, changed) => settled(object, changed.metadata.generation ?? 0),
    });
  },
};
