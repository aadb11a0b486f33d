/** `plan -f` and `validate -f`: the offline commands, told what the cluster has. */
import type { KubernetesObject, Resource } from '../../api/object.ts';
import { ownKinds } from '../../api/resources.ts';
import { readManifests, type Manifest } from '../../cli/documents.ts';
import { exitOk, exitRefused, exitUsage, type CommandIo } from '../../cli/io.ts';
import { cliPlan } from '../../cli/plan.ts';
import { tableOf, type Judged } from '../../cli/report.ts';
import { describe, identityOf, isForeign, judge, type Raw, type Violation } from '../../cli/validate-object.ts';
import { cliValidate } from '../../cli/validate.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import type { Cluster } from '../cluster.ts';
import { clusterFlags, outputFlag, type Call, type Command, type FlagRow } from '../command.ts';
import { Misused, Told } from '../told.ts';

const fileFlags: readonly FlagRow[] = [
  {
    name: 'filename',
    short: 'f',
    value: 'FILE',
    help: 'a file, a directory, or - for standard input; may be repeated',
    repeated: true,
  },
  { name: 'offline', help: 'ask no cluster' },
];

function filesOf(call: Call): readonly string[] {
  const files = [...call.values('filename'), ...call.operands];
  if (files.length === 0) throw new Misused('a file is missing: -f FILE, or -f - for standard input');
  return files;
}

/** Ours only; the others are told as passed over. */
async function ownManifests(call: Call): Promise<readonly Manifest[]> {
  const read = await readManifests(filesOf(call), call.world);
  if (!read.ok) throw new Told(read.error, exitUsage);
  for (const manifest of read.manifests.filter(({ object }) => isForeign(object))) {
    call.world.stderr(`warning: ${describe(manifest)} is not one of ours: passed over\n`);
  }
  const own = read.manifests.filter(({ object }) => !isForeign(object));
  if (own.length === 0) call.world.stderr('warning: nothing of ours among the files\n');
  return own;
}

interface Placed {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
}

/** Where it is, or would be; undefined: of no kind of ours, or without a name. */
function placeOf({ object }: Pick<Manifest, 'object'>, { namespace }: Cluster): Placed | undefined {
  const resource = ownKinds.find(({ kind }) => kind === object['kind']);
  const { name = '', namespace: written } = (object['metadata'] ?? {}) as { name?: string; namespace?: string };
  return resource === undefined || name === '' ? undefined : { resource, namespace: written ?? namespace, name };
}

const inNamespace = (object: Raw, namespace: string): Raw => ({
  ...object,
  metadata: { ...(object['metadata'] as object), namespace },
});

/** Files that are not on any disk: what the cluster has, and the manifests with their namespaces written out. */
const withFiles = (io: CommandIo, files: Readonly<Record<string, readonly unknown[]>>): CommandIo => ({
  ...io,
  readFile: (path) =>
    path in files ? Promise.resolve(JSON.stringify({ kind: 'List', items: files[path] })) : io.readFile(path),
  listDirectory: (path) => (path in files ? Promise.resolve(undefined) : io.listDirectory(path)),
});

const formOf = (call: Call): readonly string[] => {
  const output = call.value('output');
  return output === undefined ? [] : ['--output', output];
};

export const plan: Command = {
  name: 'plan',
  summary: 'say what a change of manifests would do: what restarts and in which order',
  operands: '-f FILE',
  text: `Compares manifests with what is stored in the cluster, and says what the operator would do: what restarts, what is only
reloaded, what is made and removed. Nothing is changed.`,
  flags: [...fileFlags, outputFlag, ...clusterFlags],
  async run(call) {
    if (call.is('offline')) return cliPlan([...filesOf(call), ...formOf(call)], call.world);
    const manifests = await ownManifests(call);
    const cluster = await call.cluster();
    const places = manifests.map((manifest) => placeOf(manifest, cluster));
    const reads = places.map(async (place) => (place === undefined ? undefined : cluster.client.get(place)));
    const stored = await Promise.all(reads);
    const files = {
      '<files>': manifests.map(({ object }, index) =>
        inNamespace(object, places[index]?.namespace ?? cluster.namespace),
      ),
      '<cluster>': stored.filter((object) => object !== undefined),
    };
    if (files['<files>'].length === 0) return exitOk;
    return cliPlan(['<files>', '--old', '<cluster>', ...formOf(call)], withFiles(call.world, files));
  },
};

export const validate: Command = {
  name: 'validate',
  summary: 'check manifests against the rules and against what is in the cluster; nothing is stored',
  operands: '-f FILE',
  text: `Asks the API server what it would say to the manifests: schema, unknown fields, every rule, and what only the cluster
knows (storage classes, references, rights). Where no cluster is configured, or with --offline, the rules alone are asked.`,
  flags: [
    ...fileFlags,
    { ...outputFlag, value: 'FORM', help: 'table (default) or json; with --offline also github and sarif' },
    ...clusterFlags,
  ],
  async run(call) {
    const offline = (): Promise<number> =>
      cliValidate([...filesOf(call).flatMap((file) => ['-f', file]), ...formOf(call)], call.world);
    if (call.is('offline')) return offline();
    const form = call.value('output') ?? 'table';
    if (form !== 'table' && form !== 'json') throw new Misused(`--output ${form} needs --offline; else table or json`);
    const cluster = await call.cluster().catch((error: unknown) => {
      if (!(error instanceof Told)) throw error;
      call.world.stderr('no cluster is configured: the rules alone are asked\n');
      return undefined;
    });
    if (cluster === undefined) return offline();
    const judged: Judged[] = [];
    // One after the other: warnings are those of the request before.
    for (const manifest of await ownManifests(call))
      judged.push(await judgeInCluster(manifest, cluster, call.world.now()));
    call.world.stdout(
      form === 'json' ? `${JSON.stringify({ items: judged.map(({ item }) => item) })}\n` : tableOf(judged),
    );
    return judged.every(({ item }) => item.allowed) ? exitOk : exitRefused;
  },
};

async function judgeInCluster(manifest: Manifest, cluster: Cluster, now: Date): Promise<Judged> {
  const place = placeOf(manifest, cluster);
  // Its type or name is wrong: the API server could not even be asked.
  if (place === undefined) return { ...judge(manifest.object, { now }), manifest };
  const { kind, name } = identityOf(manifest.object);
  cluster.takeWarnings();
  let violations: readonly Violation[] = [];
  try {
    await dryRun(manifest.object, place, cluster);
  } catch (error) {
    violations = violationsOf(error);
  }
  const warnings = cluster.takeWarnings();
  const item = { kind, name, namespace: place.namespace, allowed: violations.length === 0, violations, warnings };
  return { item, remarks: [], manifest };
}

/** As if the manifest were new, or took the place of the stored spec; what others wrote to its metadata stays. */
async function dryRun(object: Raw, place: Placed, { client, dry }: Cluster): Promise<void> {
  const { resource, namespace, name } = place;
  const stored = await client.get(place);
  if (stored === undefined) {
    await dry.create(resource, inNamespace(object, namespace) as unknown as KubernetesObject);
    return;
  }
  await dry.jsonPatch({ resource, namespace, name }, [{ op: 'replace', path: '/spec', value: object['spec'] ?? {} }]);
}

interface Cause {
  readonly field?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Of an answer that says what is wrong with the object; anything else is thrown on. */
function violationsOf(error: unknown): readonly Violation[] {
  if (!(error instanceof ApiError) || ![400, 403, 422].includes(error.code)) throw error;
  const { details, reason = error.reason } = (error.status ?? {}) as {
    details?: { causes?: readonly Cause[] };
    reason?: string;
  };
  const causes = (details?.causes ?? []).map(({ field = '', reason: why = reason, message = '' }) => ({
    field,
    reason: why,
    message,
  }));
  return causes.length > 0 ? causes : [{ field: '', reason, message: error.message }];
}
