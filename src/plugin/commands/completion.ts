/** `completion` prints the helper that kubectl asks; `__complete` answers it. */
import type { KubernetesObject } from '../../api/object.ts';
import { Database as databases, DatabaseBackup as backups } from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { listAll, openCluster } from '../cluster.ts';
import type { Command } from '../command.ts';
import type { World } from '../world.ts';

export const completion: Command = {
  name: 'completion',
  summary: 'print the helper that lets the shell complete kubectl database …',
  operands: '',
  text: `kubectl asks a program of the name kubectl_complete-database for what may come next. npm installs it beside the plugin;
elsewhere: kubectl database completion > ~/.local/bin/kubectl_complete-database && chmod +x ~/.local/bin/kubectl_complete-database`,
  flags: [],
  run({ world }) {
    world.stdout('#!/bin/sh\nexec kubectl-database __complete "$@"\n');
    return Promise.resolve(0);
  },
};

/** Cobra's answer: a proposal a line, then what the shell is to do; 4: propose no files, 0: propose files, too. */
const noFiles = ':4';
const files = ':0';

/** `words` are what was typed after `kubectl database`; the last one is being typed. Never fails: it only proposes less. */
export async function complete(words: readonly string[], commands: readonly Command[], world: World): Promise<string> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const answer = (proposals: readonly string[], directive = noFiles): string =>
    [...proposals.filter((proposal) => proposal.startsWith(typed)), directive, ''].join('\n');
  const [name] = before;
  if (name === undefined) return answer(commands.map((command) => `${command.name}\t${command.summary}`));
  const command = commands.find((known) => known.name === name);
  if (command === undefined) return answer([]);
  const { operands, open, flags } = readSoFar(command, before.slice(1));
  if (open === 'filename' || open === 'kubeconfig' || open === 'file') return answer([], files);
  if (typed.startsWith('-')) return answer(command.flags.map((flag) => `--${flag.name}\t${flag.help}`));
  const kind =
    open === 'from'
      ? 'backup'
      : open === 'like'
        ? 'database'
        : open === undefined
          ? command.completes?.[operands.length]
          : undefined;
  if (kind === undefined) return answer([]);
  return answer(await proposed(kind, { operands, flags, world }).catch(() => []));
}

/** Operands so far, and the flag that waits for its value. */
function readSoFar(command: Command, words: readonly string[]) {
  const operands: string[] = [];
  const flags = new Map<string, string>();
  let open: string | undefined;
  for (const word of words) {
    if (open !== undefined) {
      flags.set(open, word);
      open = undefined;
    } else if (word.startsWith('-')) {
      const [written = '', value] = word.split('=', 2);
      const flag = command.flags.find(({ name, short }) => written === `--${name}` || written === `-${short ?? ''}`);
      if (flag?.value !== undefined && value === undefined) open = flag.name;
      else if (flag !== undefined && value !== undefined) flags.set(flag.name, value);
    } else operands.push(word);
  }
  return { operands, open, flags };
}

interface Asked {
  readonly operands: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
  readonly world: World;
}

async function proposed(
  kind: 'database' | 'member' | 'backup',
  { operands, flags, world }: Asked,
): Promise<readonly string[]> {
  const where = {
    namespace: flags.get('namespace'),
    context: flags.get('context'),
    kubeconfig: flags.get('kubeconfig'),
  };
  const cluster = await openCluster(where, world);
  try {
    const { namespace } = cluster;
    const names = (objects: readonly KubernetesObject[]): readonly string[] =>
      objects.map(({ metadata }) => metadata.name);
    if (kind === 'database') return names(await listAll(cluster, databases, { namespace }));
    if (kind === 'backup') return names(await listAll(cluster, backups, { namespace }));
    const database = await cluster.client.get({ resource: databases, namespace, name: operands[0] ?? '' });
    return ((database as Database | undefined)?.status?.members ?? []).map(({ name, role }) => `${name}\t${role}`);
  } finally {
    cluster.close();
  }
}
