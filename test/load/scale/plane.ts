/** A control plane for many objects: no controller manager, so that nothing but the measured operator acts in it. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createProgress } from '../../../tools/control-plane/progress.ts';
import { startControlPlane, type ControlPlane } from '../../../tools/control-plane/start.ts';
import { repository } from '../../api/harness.ts';

export async function startPlane(): Promise<ControlPlane> {
  const plane = await startControlPlane({
    auditLog: true,
    controllerManager: false,
    // One file: what is renamed away in the middle of a run would not be counted.
    apiServerArgs: [
      '--audit-log-maxsize=20000',
      '--max-requests-inflight=1000',
      '--max-mutating-requests-inflight=500',
      // So that objects can be copied in etcd (clone.ts).
      '--storage-media-type=application/json',
    ],
    progress: createProgress(process.stderr),
  });
  const folder = path.join(repository, 'crds');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  await expect(plane, ['apply', '--server-side', '-f', '-'], texts.join('\n---\n'));
  await expect(plane, ['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
  return plane;
}

export async function expect(plane: ControlPlane, args: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args, stdin);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited with ${code}:\n${stderr}`);
  return stdout;
}

/** Seconds of CPU that each server has used so far, by name. */
export async function serverSeconds({ dir }: ControlPlane): Promise<Readonly<Record<string, number>>> {
  const seconds: Record<string, number> = {};
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const [command, stat] = await Promise.all(
      ['cmdline', 'stat'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    const binary = path.basename(command?.split('\0')[0] ?? '');
    if (command?.includes(dir) !== true || !['etcd', 'kube-apiserver'].includes(binary)) continue;
    const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(') ') + 2).split(' ');
    seconds[binary] = (seconds[binary] ?? 0) + (Number(fields[11]) + Number(fields[12])) / 100;
  }
  return seconds;
}
