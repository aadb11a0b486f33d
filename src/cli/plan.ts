/** `plan`: what a change would do, without a cluster; the steps are those that the loop would execute. */
import { complete } from '../admission/defaults.ts';
import { wordsOf } from '../admission/plan.ts';
import type { KubernetesObject } from '../api/object.ts';
import type { Database } from '../api/types.generated.ts';
import { engineByName } from '../engines/index.ts';
import { announce, type Announcement } from '../planning/announce.ts';
import { readTime } from './cron.ts';
import { readManifests, type Manifest } from './documents.ts';
import { parseFlags } from './flags.ts';
import { judgeTogether } from './input-facts.ts';
import { exitOk, exitRefused, exitUsage, type CommandIo } from './io.ts';
import { describe, identityOf, isForeign, placed, type Raw, type ValidationItem } from './validate-object.ts';

const usage = `Usage: database-operator plan -f FILE [--old FILE] [FLAG…]

Says what the operator would do for a change: what restarts and in which order, what is only reloaded, what is
made and removed. kubectl apply --dry-run=server says the same of a Database in the cluster.

  -f, --filename FILE   the new manifests: a file, a directory, or - for standard input; may be repeated
      --old FILE        what is stored now, likewise; an object that is not there is planned as new
  -o, --output FORM     table (default) or json
  --now TIME            plan as if it were this moment, RFC 3339 (maintenance windows depend on it)
  -h, --help            print this

Exit code: 0 plan shown, 1 a change is refused, 2 wrong usage or a file that can't be read.
`;

const table = { values: { filename: 'f', output: 'o', old: '', now: '' }, repeated: ['filename', 'old'] };

export interface PlanItem extends ValidationItem {
  /** Absent when the change is refused, and for what this release does not run. */
  readonly plan?: Announcement;
}

/** The exit code. */
export async function cliPlan(args: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(args, io);
  if (options === 'help') {
    io.stdout(usage);
    return exitOk;
  }
  if (typeof options === 'string') {
    io.stderr(`${options}\n\n${usage}`);
    return exitUsage;
  }
  const read = await readManifests(options.files, io);
  const old = await readManifests(options.old, io);
  if (!read.ok || !old.ok) {
    io.stderr(`${read.ok ? (old.ok ? '' : old.error) : read.error}\n`);
    return exitUsage;
  }
  for (const manifest of read.manifests.filter(({ object }) => isForeign(object))) {
    io.stderr(`warning: ${describe(manifest)} is not one of ours: passed over\n`);
  }
  const items = planAll(read.manifests, old.manifests, options.now);
  if (items.length === 0) io.stderr('warning: nothing of ours to plan\n');
  io.stdout(options.json ? `${JSON.stringify({ items: items.map(jsonOf) })}\n` : items.map(tableOf).join('\n'));
  return items.every(({ allowed }) => allowed) ? exitOk : exitRefused;
}

function planAll(manifests: readonly Manifest[], olds: readonly Manifest[], now: Date): readonly PlanItem[] {
  const key = (object: Raw): string => JSON.stringify(Object.values(identityOf(object)));
  const stored = new Map(olds.map(({ object }) => [key(object), placed(object)]));
  const oldOf = (object: Raw): KubernetesObject | undefined => stored.get(key(object));
  const objects = manifests.map(({ object }) => object).filter((object) => !isForeign(object));
  const judgements = judgeTogether(objects, { now, oldOf });
  return judgements.map(({ item }, index) => {
    const object = objects[index];
    const plan = item.allowed && object !== undefined ? planOf(placed(object), oldOf(object), now) : undefined;
    if (plan === undefined) return item;
    // What the plan says is shown as a plan.
    const words = new Set(wordsOf(plan));
    return { ...item, warnings: item.warnings.filter((warning) => !words.has(warning)), plan };
  });
}

function planOf(object: KubernetesObject, old: KubernetesObject | undefined, now: Date): Announcement | undefined {
  if (object.kind !== 'Database') return undefined;
  const after = complete('Database', object, old).object as Database;
  const engine = engineByName(after.spec.engine ?? '');
  if (engine?.runtime === undefined) return undefined;
  const before = old && (complete('Database', old).object as Database);
  return announce({ before, after, engine }, now);
}

function jsonOf({ plan, ...item }: PlanItem): unknown {
  if (plan === undefined) return item;
  const { summary, impact, notes, steps } = plan;
  const shown = steps.map(({ action, ref, impact: price, why }) => ({
    action,
    kind: ref.resource.kind,
    name: ref.name,
    impact: price,
    why,
  }));
  return { ...item, plan: { summary, impact, notes, steps: shown } };
}

function tableOf({ kind, namespace, name, allowed, violations, warnings, plan }: PlanItem): string {
  const rows = (plan?.steps ?? []).map(({ action, ref, impact }) => [
    action === 'restartPod' ? `restart ${ref.name}` : `${action} ${ref.resource.kind} ${ref.name}`,
    impact,
  ]);
  const width = Math.max(0, ...rows.map(([step = '']) => step.length));
  const said = plan?.summary ?? (allowed ? 'no plan: this release makes nothing of it' : 'refused');
  return [
    `${allowed ? 'allowed' : 'REFUSED'}  ${kind} ${namespace}/${name}: ${said}`,
    ...violations.map(({ field, message }) => `  ${field === '' ? '' : `${field}: `}${message}`),
    ...(plan?.notes ?? []).map((note) => `  ${note}`),
    ...rows.map(([step = '', impact = '']) => `  ${step.padEnd(width)}  ${impact === 'none' ? '-' : impact}`),
    ...warnings.map((warning) => `  warning: ${warning}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

interface Options {
  readonly files: readonly string[];
  readonly old: readonly string[];
  readonly json: boolean;
  readonly now: Date;
}

/** A string is what is wrong with the arguments. */
function readOptions(args: readonly string[], io: CommandIo): Options | string {
  const parsed = parseFlags(args, table);
  if (!parsed.ok) return parsed.error;
  if (parsed.help) return 'help';
  const { flags, rest } = parsed;
  const files = [...(flags.get('filename') ?? []), ...rest];
  const old = flags.get('old') ?? [];
  if (files.length === 0) return 'a file is missing: -f FILE, or -f - for standard input';
  if ([...files, ...old].filter((file) => file === '-').length > 1) return 'standard input can be read once only';
  const output = flags.get('output')?.[0] ?? 'table';
  if (output !== 'table' && output !== 'json') return '--output must be table or json';
  const moment = flags.get('now')?.[0];
  const now = moment === undefined ? io.now() : readTime(moment);
  if (now === undefined) return '--now must be a time such as 2026-01-31T12:00:00Z';
  return { files, old, json: output === 'json', now };
}
