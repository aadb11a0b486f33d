/** `npm run demo`: the operator on a control plane of its own, and a tour of what it does. */
import { parseArgs } from 'node:util';
import { createProgress } from '../control-plane/progress.ts';
import { createCleanup, type Cleanup } from './cleanup.ts';
import { connect, type DemoCluster } from './cluster.ts';
import { install } from './install.ts';
import { farewell, stepText, table } from './report.ts';
import { runTourStep, type Outcome } from './step.ts';
import { tour, tryNext } from './tour.ts';

const help = `Usage: npm run demo -- [--check] [--kubeconfig FILE [--webhook-host HOST] [--port PORT]]

Starts a control plane (etcd, kube-apiserver, kube-controller-manager; no kubelet, so pods stay Pending), the operator with
its webhooks over TLS, shows what it refuses and what it makes, and stays up until Ctrl-C.

  --check              the same tour once, then ends: exit 0 only if every step was as it should be
  --kubeconfig FILE    use the cluster of this file's current context instead; what the demo puts there it removes
  --webhook-host HOST  name or address under which that cluster's API server reaches this machine (default 127.0.0.1)
  --port PORT          port of the webhook (default: a free one)
  --help               this text
`;

interface Options {
  readonly check: boolean;
  readonly kubeconfig: string | undefined;
  readonly webhookHost: string;
  readonly port: number | undefined;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

// Exits even if a step that was interrupted still waits for something.
process.exit(await main());

async function main(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(help);
    return 0;
  }
  return demo(options);
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      kubeconfig: { type: 'string' },
      'webhook-host': { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new Error(`--port ${values.port ?? ''}: must be a whole number from 1 to 65535`);
  }
  return { check: values.check, kubeconfig: values.kubeconfig, webhookHost: values['webhook-host'], port };
}

async function demo(options: Options): Promise<number> {
  const cleanup = createCleanup((line) => process.stderr.write(`${line}\n`));
  const shown = { all: false };
  const interrupted = untilSignal(cleanup).then((code) => (shown.all ? 0 : code));
  try {
    const work = showAround(options, cleanup, shown);
    // Ctrl-C in the middle takes down what the work stands on, so its own error no longer matters.
    work.catch(() => undefined);
    return await Promise.race([work, interrupted]);
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await cleanup.run();
  }
}

/** Resolves after SIGINT or SIGTERM, once all is taken down. A second one ends the process at once. */
async function untilSignal(cleanup: Cleanup): Promise<number> {
  const code = await new Promise<number>((resolve) => {
    process.once('SIGINT', () => resolve(130));
    process.once('SIGTERM', () => resolve(143));
  });
  process.once('SIGINT', () => process.exit(130));
  say('\ntaking everything down');
  await cleanup.run();
  return code;
}

/** Answers the exit code, or stays until the signal comes. */
async function showAround(options: Options, cleanup: Cleanup, shown: { all: boolean }): Promise<number> {
  const progress = createProgress(process.stderr);
  const cluster = await connect(options.kubeconfig, cleanup, progress);
  await install(cluster, options, cleanup, progress);
  progress.line('the operator answers');
  say('');
  const outcomes = await takeTour(cluster);
  const bad = outcomes.filter(({ fault }) => fault !== undefined).length;
  say(table(outcomes));
  if (!cluster.hasNodes) say('This control plane has no kubelet: pods stay Pending. On a real cluster they run.\n');
  if (options.check) {
    say(
      bad === 0
        ? `all ${outcomes.length} steps were as they should be`
        : `${bad} of ${outcomes.length} steps were not as they should be`,
    );
    return bad === 0 ? 0 : 1;
  }
  say(farewell(cluster.kubeconfig, cluster.kubectlFolder, tryNext));
  shown.all = true;
  await new Promise(() => setInterval(() => undefined, 1 << 30));
  return 0;
}

async function takeTour(cluster: DemoCluster): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of tour.filter(({ needsNodes }) => needsNodes !== true || cluster.hasNodes)) {
    const outcome = await runTourStep(step, (args) => cluster.kubectl(args));
    outcomes.push(outcome);
    say(stepText(outcome, outcomes.length));
  }
  return outcomes;
}
