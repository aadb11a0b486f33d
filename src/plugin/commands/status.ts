/** `status NAME`: one screen. */
import { clusterFlags, outputFlag, type Command } from '../command.ts';
import { findDatabase, onlyName } from '../lookup.ts';
import { gather } from '../status/state.ts';
import { troubles, underWay } from '../status/trouble.ts';
import { view } from '../status/view.ts';
import type { StatusState } from '../status/state.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'everything about one Database on one screen: members, storage, backups, users, what is wrong',
  operands: 'NAME',
  text: 'Shows how a Database stands, and what to do where something is wrong.',
  flags: [...clusterFlags, outputFlag],
  completes: ['database'],
  async run(call) {
    onlyName(call);
    const { cluster, database } = await findDatabase(call);
    const state = await gather(cluster, database);
    const now = call.world.now();
    if (call.value('output') === 'json') call.world.stdout(`${JSON.stringify(jsonOf(state, now), undefined, 2)}\n`);
    else
      call.world.stdout(
        view(state, { now, style: call.style, width: Math.max(60, call.world.terminal?.columns ?? 120) }),
      );
    return 0;
  },
};

/** For programs: the statuses as they are stored, and the findings that the screen shows. */
function jsonOf(state: StatusState, now: Date): unknown {
  const { database, users, backups, unread } = state;
  const brief = ({ metadata, spec, status }: (typeof users)[number] | (typeof backups)[number]) => ({
    name: metadata.name,
    spec,
    status,
  });
  return {
    namespace: database.metadata.namespace,
    name: database.metadata.name,
    engine: database.spec.engine,
    status: database.status ?? {},
    underWay: underWay(database),
    users: users.map(brief),
    backups: backups.map(brief),
    wrong: troubles(state, now),
    unread,
  };
}
