/** `connect NAME`: the engine's own client in the pod of the primary, logged in. */
import { isTrue } from '../../api/conditions.ts';
import type { Database } from '../../api/types.generated.ts';
import type { ClientIdentity } from '../../engines/engine.ts';
import { clusterFlags, type Call, type Command } from '../command.ts';
import { engineOf, findDatabase, notFound } from '../lookup.ts';
import { Misused, Told } from '../told.ts';

export const connect: Command = {
  name: 'connect',
  summary: "open the engine's own client (psql, mysql, mongosh, redis-cli) in the right pod, logged in",
  operands: 'NAME [-- ARGUMENTS…]',
  text: `Runs the client in the pod of the primary by kubectl exec, as the owner of the application database. What follows --
is passed to the client; without a terminal its standard input is read, so statements can be piped into it.`,
  flags: [
    { name: 'superuser', help: "as the engine's superuser instead of the owner" },
    { name: 'replica', help: 'a replica that answers, instead of the primary' },
    { name: 'pod', value: 'POD', help: 'this member' },
    ...clusterFlags,
  ],
  completes: ['database'],
  async run(call) {
    const { cluster, database } = await findDatabase(call);
    const pod = chooseMember(database, { pod: call.value('pod'), replica: call.is('replica') });
    const who: ClientIdentity = call.is('superuser') ? 'superuser' : 'owner';
    const args = execArguments(database, { pod, who, tty: isTerminal(call), arguments: call.operands.slice(1) });
    try {
      return await call.world.handOver('kubectl', [...cluster.kubectlFlags, ...args]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new Told('kubectl is not on the PATH: it carries the terminal into the pod');
    }
  },
};

const isTerminal = ({ world }: Call): boolean => world.stdinIsTerminal && world.terminal !== undefined;

/** The pod to connect to. Rejects with what there is instead. */
export function chooseMember(
  { metadata, spec, status }: Database,
  wanted: { readonly pod: string | undefined; readonly replica: boolean },
): string {
  const members = status?.members ?? [];
  if (wanted.pod !== undefined && wanted.replica) throw new Misused('--pod and --replica exclude each other');
  if (spec.hibernate === true)
    throw new Told(`${metadata.name} hibernates: kubectl database wake ${metadata.name} starts it`);
  if (wanted.pod !== undefined) {
    const names = members.map(({ name }) => name);
    if (!names.includes(wanted.pod)) throw new Told(notFound('member', wanted.pod, metadata.name, names));
    return wanted.pod;
  }
  if (wanted.replica) {
    const replica = members.find(({ role, ready }) => role === 'replica' && ready);
    if (replica === undefined)
      throw new Told(`${metadata.name} has no replica that answers: kubectl database status ${metadata.name}`);
    return replica.name;
  }
  const primary = status?.currentPrimary;
  if (primary === undefined || !isTrue(status?.conditions, 'Ready')) {
    const how = primary === undefined ? '' : `; --pod ${primary} tries in spite of it`;
    throw new Told(
      `no primary of ${metadata.name} takes writes now: kubectl database status ${metadata.name} says why${how}`,
    );
  }
  return primary;
}

/** Of kubectl; no password is among them. */
export function execArguments(
  database: Database,
  how: {
    readonly pod: string;
    readonly who: ClientIdentity;
    readonly tty: boolean;
    readonly arguments: readonly string[];
  },
): readonly string[] {
  const { runtime } = engineOf(database);
  const { containerName } = runtime.podParts(database);
  const shell = ['sh', '-c', runtime.clientScript(how.who), 'client', ...how.arguments];
  return ['exec', how.tty ? '-it' : '-i', how.pod, '--container', containerName, '--', ...shell];
}
