/**
 * The command line. Every command is imported when it is called, so that the offline ones load no server and run on
 * older Nodes too. The only process.exit is here.
 */
import { readFileSync } from 'node:fs';
import type { CommandIo } from './cli/io.ts';

const usage = `Usage: database-operator COMMAND [FLAG…]

  serve      answer admission reviews and reconcile: the operator itself
  validate   check files as admission would, without a cluster
  plan       say what a change would do, without a cluster
  cron       say whether a schedule is one, and when it fires next
  version    print the version
  help       print this

database-operator COMMAND --help tells the flags of a command.
`;

const [command = 'help', ...args] = process.argv.slice(2);
const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);

process.on('unhandledRejection', (error) => die('unhandled rejection', error));
process.on('uncaughtException', (error) => die('uncaught exception', error));

/** Whatever state the process is in now, nobody knows: better a restart than a guess. */
function die(what: string, error: unknown): never {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  err(`${JSON.stringify({ level: 'fatal', time: new Date().toISOString(), what, name, message, stack })}\n`);
  process.exit(70);
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return text;
}

async function main(): Promise<number> {
  switch (command) {
    case 'serve':
      return serve();
    case 'validate':
      return offline((await import('./cli/validate.ts')).cliValidate);
    case 'plan':
      return offline((await import('./cli/plan.ts')).cliPlan);
    case 'cron':
      return offline((await import('./cli/cron.ts')).cliCron);
    case 'issue-certificate':
      return issueCertificate();
    case 'agent':
      return agent();
    case 'version':
    case '--version':
      out(`${version()}\n`);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      out(usage);
      return 0;
    default:
      err(`unknown command ${JSON.stringify(command)}\n\n${usage}`);
      return 2;
  }
}

async function offline(cli: (args: readonly string[], io: CommandIo) => Promise<number>): Promise<number> {
  const { processIo } = await import('./cli/io.ts');
  // A reader such as head may leave early.
  process.stdout.on('error', () => process.exit(0));
  return cli(args, processIo());
}

const leastNode = 24;

async function serve(): Promise<number> {
  const { flagHelp } = await import('./flags.ts');
  if (args.includes('--help') || args.includes('-h')) {
    out(`Usage: database-operator serve [FLAG…]\n\n${flagHelp()}\n`);
    return 0;
  }
  if (args.includes('--version')) {
    out(`${version()}\n`);
    return 0;
  }
  if (Number.parseInt(process.versions.node, 10) < leastNode) {
    err(`serve needs Node ${leastNode} or newer; this is ${process.version} (${process.execPath})\n`);
    return 1;
  }
  const { readConfig } = await import('./config.ts');
  const read = readConfig(args, process.env);
  if (!read.ok) {
    err(`${read.problems.join('\n')}\nserve --help tells the flags.\n`);
    return 2;
  }
  (await import('./composition/memory.ts')).keepYoungGenerationSmall();
  const { startApp } = await import('./app.ts');
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    let first = true;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (!first) process.exit(1);
      first = false;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
  try {
    const app = await Promise.race([
      startApp(read.config, { version: version(), program: import.meta.filename }),
      stopped,
    ]);
    if (typeof app === 'string') return 0;
    const ended = await Promise.race([stopped, app.failed]);
    if (ended instanceof Error) throw ended;
    await app.stop({ hurried: ended === 'SIGINT' });
    return 0;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    err(`${error instanceof Error ? error.message : String(error)}${cause}\n`);
    return 1;
  }
}

/** In backup pods: the order is in a file, so there are no flags. */
async function agent(): Promise<number> {
  const { readAgentConfig } = await import('./config.ts');
  (await import('./composition/memory.ts')).keepYoungGenerationSmall();
  const { runAgent } = await import('./backup/agent.ts');
  const ending = new AbortController();
  process.on('SIGTERM', () => ending.abort()).on('SIGINT', () => ending.abort());
  const settings = { ...readAgentConfig(process.env), environment: process.env };
  return runAgent({ ...settings, signal: ending.signal, out: (line) => out(`${line}\n`) });
}

async function issueCertificate(): Promise<number> {
  const { issue } = await import('./server/issuer.ts');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  out(JSON.stringify(await issue(JSON.parse(Buffer.concat(chunks).toString()) as Parameters<typeof issue>[0])));
  return 0;
}

const code = await main();
// Offline commands end by themselves, when a slow reader of their output is done; whatever serve left open is not waited for.
if (command === 'serve' || command === 'agent') process.exit(code);
process.exitCode = code;
