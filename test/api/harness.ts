/**
 * What every suite against a real API server starts from: one control plane for the whole run, started on first use by
 * `hooks.ts`, and a namespace of its own per suite. Pods stay Pending: there is no kubelet.
 */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProgress } from '../../tools/control-plane/progress.ts';
import { startControlPlane, type ControlPlane, type KubectlOutput } from '../../tools/control-plane/start.ts';

export type { AuditEvent } from '../../tools/control-plane/audit.ts';
export type { ControlPlane, KubectlOutput } from '../../tools/control-plane/start.ts';

export const repository = path.resolve(import.meta.dirname, '../..');

const shared: { controlPlane?: Promise<ControlPlane>; crds?: Promise<void>; namespaces: number } = { namespaces: 0 };

/** The run's control plane, with controller manager and audit log; ready when this resolves. */
export function controlPlane(): Promise<ControlPlane> {
  shared.controlPlane ??= startControlPlane({ auditLog: true, progress: createProgress(process.stderr) });
  return shared.controlPlane;
}

/** For the root hook: ends the control plane if one was started. */
export async function stopControlPlane(): Promise<void> {
  await (await shared.controlPlane?.catch(() => undefined))?.stop();
}

/** As administrator; a non-zero exit is a value. */
export async function kubectl(args: readonly string[], stdin?: string): Promise<KubectlOutput> {
  return (await controlPlane()).kubectl(args, stdin);
}

/** Like `kubectl`, but a non-zero exit is an error; answers standard output. */
export async function expectKubectl(args: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, stdin);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited with ${code}:\n${stderr}`);
  return stdout;
}

/** `kubectl apply -f -`, in `namespace` where the text names none; a refusal is a value. */
export function applyYaml(yaml: string, namespace?: string): Promise<KubectlOutput> {
  return kubectl(['apply', '-f', '-', ...(namespace === undefined ? [] : ['-n', namespace])], yaml);
}

/** The object as parsed JSON, undefined when it does not exist. */
export async function getObject<T>(kind: string, namespace: string | undefined, name: string): Promise<T | undefined> {
  const scope = namespace === undefined ? [] : ['-n', namespace];
  const text = await expectKubectl(['get', kind, name, ...scope, '-o', 'json', '--ignore-not-found']);
  return text.trim() === '' ? undefined : (JSON.parse(text) as T);
}

/** All of crds/, served; once per run. */
export function installCrds(): Promise<void> {
  shared.crds ??= applyCrds(path.join(repository, 'crds'));
  return shared.crds;
}

async function applyCrds(folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  if (files.length === 0) throw new Error(`no CRDs in ${folder}`);
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  const apply = ['apply', '--server-side', '--force-conflicts', '-f', '-', '-o', 'name'];
  const names = (await expectKubectl(apply, texts.join('\n---\n'))).trim().split('\n');
  await expectKubectl(['wait', '--for=condition=Established', '--timeout=30s', ...names]);
}

/** Makes a namespace `<prefix>-N` that no other suite of the run has. */
export async function uniqueNamespace(prefix: string): Promise<string> {
  const name = `${prefix}-${++shared.namespaces}`;
  await expectKubectl(['create', 'namespace', name]);
  return name;
}

/**
 * Polls until `probe` answers something other than undefined or false, and answers that. A probe that throws counts as
 * not yet; after `timeoutMs` the error shows what came last.
 */
export async function eventually<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 10_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(
        `not within ${timeoutMs / 1000} s; last: ${last instanceof Error ? last.message : String(last)}`,
        {
          cause: last,
        },
      );
    }
    await delay(50);
  }
}
