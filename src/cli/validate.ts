/** `validate`: what admission would say about files, without a cluster. */
import { rules } from '../admission/rules/index.ts';
import { readTime } from './cron.ts';
import { readManifests, type Manifest, type Manifests } from './documents.ts';
import { parseFlags } from './flags.ts';
import { judgeTogether } from './input-facts.ts';
import { exitOk, exitRefused, exitUsage, type CommandIo } from './io.ts';
import { annotation, githubOf, jsonOf, sarifOf, tableOf, type Judged } from './report.ts';
import { describe, identityOf, isForeign, placed, type Raw } from './validate-object.ts';

const forms = ['table', 'json', 'github', 'sarif'] as const;
type Form = (typeof forms)[number];

const usage = `Usage: database-operator validate -f FILE [-f FILE…] [FLAG…]

Checks manifests as admission would: schema, unknown fields and all rules. The files are read together: a
DatabaseUser finds the Database that is among them. What only a cluster knows becomes a warning.

  -f, --filename FILE   a file, a directory, or - for standard input; may be repeated
      --old FILE        what is stored now, likewise: objects found there are judged as changed, not as new
  -o, --output FORM     table (default), json, github (annotations of a workflow) or sarif (2.1.0)
  --now TIME            check as if it were this moment, RFC 3339 (end-of-life warnings depend on it)
  -h, --help            print this

Exit code: 0 all allowed, 1 some refused, 2 wrong usage or a file that can't be read.
`;

const table = { values: { filename: 'f', output: 'o', old: '', now: '' }, repeated: ['filename', 'old'] };

/** The exit code. */
export async function cliValidate(args: readonly string[], io: CommandIo): Promise<number> {
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
  if (!read.ok || !old.ok) return tellUnreadable(read.ok ? old : read, options.form, io);
  const judged = judgeAll(read.manifests, old.manifests, options.now);
  for (const manifest of read.manifests.filter(({ object }) => isForeign(object))) {
    io.stderr(`warning: ${describe(manifest)} is not one of ours: passed over\n`);
  }
  if (judged.length === 0) io.stderr('warning: nothing of ours to check\n');
  io.stdout(await formed(judged, options.form, io));
  return judged.every(({ item }) => item.allowed) ? exitOk : exitRefused;
}

function tellUnreadable(read: Manifests, form: Form, io: CommandIo): number {
  const error = read.ok ? '' : read.error;
  io.stderr(`${error}\n`);
  const [, file, line, column, message] = /^(.*):(\d+):(\d+): (.*)$/s.exec(error) ?? [];
  if (form === 'github' && file !== undefined && message !== undefined) {
    const position = { line: Number(line), column: Number(column) };
    io.stdout(annotation('error', { file, position, title: 'can not be read', message }));
  }
  return exitUsage;
}

function judgeAll(manifests: readonly Manifest[], olds: readonly Manifest[], now: Date): readonly Judged[] {
  const key = (object: Raw): string => JSON.stringify(Object.values(identityOf(object)));
  const stored = new Map(olds.map(({ object }) => [key(object), placed(object)]));
  const oldOf = (object: Raw) => stored.get(key(object));
  const judgements = judgeTogether(
    manifests.map(({ object }) => object),
    { now, oldOf },
  );
  return manifests.flatMap((manifest, index) => {
    const judgement = judgements[index];
    return judgement === undefined || isForeign(manifest.object) ? [] : [{ ...judgement, manifest }];
  });
}

async function formed(judged: readonly Judged[], form: Form, io: CommandIo): Promise<string> {
  switch (form) {
    case 'table':
      return tableOf(judged);
    case 'json':
      return jsonOf(judged);
    case 'github':
      return githubOf(judged);
    case 'sarif':
      return sarifOf(judged, { version: await io.version(), rules });
  }
}

interface Options {
  readonly files: readonly string[];
  readonly old: readonly string[];
  readonly form: Form;
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
  const form = forms.find((known) => known === output);
  if (form === undefined) return `--output must be one of ${forms.join(', ')}`;
  const moment = flags.get('now')?.[0];
  const now = moment === undefined ? io.now() : readTime(moment);
  if (now === undefined) return '--now must be a time such as 2026-01-31T12:00:00Z';
  return { files, old, form, now };
}
