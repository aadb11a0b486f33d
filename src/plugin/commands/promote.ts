/** `promote NAME [POD]`: a switchover, followed to its end. */
import { isTrue } from '../../api/conditions.ts';
import type { KubernetesObject } from '../../api/object.ts';
import type { Database } from '../../api/types.generated.ts';
import { switchoverAnnotation } from '../../desired/names.ts';
import { changeDatabase } from '../change.ts';
import { clusterFlags, waitFlags, type Call, type Command } from '../command.ts';
import { eventWords } from '../events.ts';
import type { Outcome } from '../follow.ts';
import { findDatabase, notFound } from '../lookup.ts';
import { Misused, Told } from '../told.ts';

export const promote: Command = {
  name: 'promote',
  summary: 'make another member the primary: a switchover, nothing is lost',
  operands: 'NAME [POD]',
  text: `Asks the operator for a switchover, by the annotation ${switchoverAnnotation}.
POD is the member that is to take over; without it the one that is best prepared does. Writes pause for seconds.`,
  flags: [...waitFlags, ...clusterFlags],
  completes: ['database', 'member'],
  async run(call) {
    const { cluster, database } = await findDatabase(call);
    const target = wantedMember(call, database);
    const { name } = database.metadata;
    const before = database.status?.currentPrimary;
    if (target !== undefined && target === before) {
      call.world.stdout(`${target} is the primary already\n`);
      return 0;
    }
    const judge = judgeSwitchover({ before, target, now: () => call.world.clock.now() });
    return changeDatabase(call, {
      cluster,
      database,
      body: { metadata: { annotations: { [switchoverAnnotation]: target ?? 'any' } } },
      stored: `the switchover of ${name} is asked for`,
      judge,
    });
  },
};

function wantedMember({ operands }: Call, { metadata, spec, status }: Database): string | undefined {
  const [, pod, extra] = operands;
  if (extra !== undefined) throw new Misused(`${JSON.stringify(extra)} is too much`);
  if ((spec.replicas ?? 1) < 2) {
    throw new Told(
      `${metadata.name} has one member: there is nobody to take over. kubectl scale database ${metadata.name} --replicas=2 adds one`,
    );
  }
  if (spec.paused === true) throw new Told(`${metadata.name} is paused: set spec.paused to false first`);
  const members = (status?.members ?? []).map(({ name }) => name);
  if (pod !== undefined && !members.includes(pod)) throw new Told(notFound('member', pod, metadata.name, members));
  return pod;
}

/** The annotation goes before the Event that says why is seen. */
const eventPatienceMs = 6000;

export function judgeSwitchover({
  before,
  target,
  now,
}: {
  readonly before: string | undefined;
  readonly target: string | undefined;
  readonly now: () => number;
}): (object: KubernetesObject, events: readonly KubernetesObject[]) => Outcome {
  let answeredAt: number | undefined;
  return (object, events) => {
    const { metadata, status } = object as unknown as Database;
    const refusal = events.map(eventWords).find(({ reason }) => reason === 'SwitchoverRefused');
    if (refusal !== undefined) return { failed: refusal.note };
    if (metadata.annotations?.[switchoverAnnotation] !== undefined) return undefined;
    const primary = status?.currentPrimary;
    const isDone = target === undefined ? primary !== before : primary === target;
    if (isDone) return isTrue(status?.conditions, 'Ready') ? { done: `${primary ?? ''} is the primary` } : undefined;
    answeredAt ??= now();
    if (now() - answeredAt < eventPatienceMs) return undefined;
    return {
      failed: `the switchover was not made: ${primary ?? 'nobody'} is the primary; kubectl describe database ${metadata.name} has the Events`,
    };
  };
}
