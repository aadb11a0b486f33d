/** `kubectl database COMMAND`: finds the command, reads its flags, and tells what went wrong in words. */
import { parseFlags, type ParsedFlags } from '../cli/flags.ts';
import { exitOk, exitUsage } from '../cli/io.ts';
import { didYouMean } from '../values/nearest.ts';
import { openCluster, type Cluster } from './cluster.ts';
import { helpOf, type Call, type Command } from './command.ts';
import { complete } from './commands/completion.ts';
import { commands } from './commands/index.ts';
import { styleFor } from './style.ts';
import { Misused, Told, wordsOf } from './told.ts';
import type { World } from './world.ts';

const usage = (): string => {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Usage: kubectl database COMMAND [FLAG…]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    `  ${'version'.padEnd(width)}  print the version`,
    '',
    'kubectl database COMMAND --help tells the flags of a command.',
    '',
  ].join('\n');
};

/** The exit code: 0 done, 1 not done or refused, 2 wrong usage. */
export async function plugin(args: readonly string[], world: World): Promise<number> {
  const [name = 'help', ...rest] = args;
  if (name === 'help' || name === '--help' || name === '-h') {
    world.stdout(usage());
    return exitOk;
  }
  if (name === 'version' || name === '--version') {
    world.stdout(`${await world.version()}\n`);
    return exitOk;
  }
  if (name === '__complete') {
    world.stdout(await complete(rest, commands, world));
    return exitOk;
  }
  const command = commands.find((known) => known.name === name);
  if (command === undefined) {
    const known = commands.map((one) => one.name);
    world.stderr(`unknown command ${JSON.stringify(name)}${didYouMean(name, known)}\n\n${usage()}`);
    return exitUsage;
  }
  return runCommand(command, rest, world);
}

async function runCommand(command: Command, args: readonly string[], world: World): Promise<number> {
  const parsed = parse(command, args);
  if (parsed.ok && parsed.help) {
    world.stdout(helpOf(command));
    return exitOk;
  }
  if (!parsed.ok) {
    world.stderr(`${parsed.error}\n\n${helpOf(command)}`);
    return exitUsage;
  }
  let cluster: Promise<Cluster> | undefined;
  const call = callOf(parsed, world, () => (cluster ??= openCluster(whereOf(parsed.flags), world)));
  try {
    return await command.run(call);
  } catch (error) {
    if (error instanceof Misused) {
      world.stderr(`${error.message}\n\n${helpOf(command)}`);
      return exitUsage;
    }
    world.stderr(`${wordsOf(error, world)}\n`);
    return error instanceof Told ? error.code : world.signal.aborted ? 130 : 1;
  } finally {
    await cluster?.then(
      (open) => open.close(),
      () => undefined,
    );
  }
}

function parse({ flags }: Command, args: readonly string[]): ParsedFlags {
  const table = (rows: Command['flags']): Record<string, string> =>
    Object.fromEntries(rows.map(({ name, short = '' }) => [name, short]));
  return parseFlags(args, {
    values: table(flags.filter(({ value }) => value !== undefined)),
    switches: table(flags.filter(({ value }) => value === undefined)),
    repeated: flags.filter(({ repeated }) => repeated === true).map(({ name }) => name),
  });
}

type Flags = ReadonlyMap<string, readonly string[]>;

const whereOf = (flags: Flags): Parameters<typeof openCluster>[0] => ({
  namespace: flags.get('namespace')?.[0],
  context: flags.get('context')?.[0],
  kubeconfig: flags.get('kubeconfig')?.[0],
});

function callOf(
  { flags, rest }: { readonly flags: Flags; readonly rest: readonly string[] },
  world: World,
  cluster: () => Promise<Cluster>,
): Call {
  const value = (flag: string): string | undefined => flags.get(flag)?.[0];
  return {
    world,
    operands: rest,
    style: styleFor(world.terminal !== undefined, world.env),
    value,
    values: (flag) => flags.get(flag) ?? [],
    is: (flag, otherwise = false) => (value(flag) ?? String(otherwise)) === 'true',
    cluster,
  };
}
