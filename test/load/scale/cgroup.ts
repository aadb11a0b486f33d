/** A container's memory limit without a container: a cgroup (v1, as root) that the measured process enters before it begins. */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Cgroup {
  /** Runs another command inside. */
  readonly enter: readonly [string, ...string[]];
  read(): Promise<CgroupFigures>;
  remove(): Promise<void>;
}

export interface CgroupFigures {
  readonly limitMiB: number;
  /** What the kernel holds against the limit: anonymous memory, pages of files, and what the kernel needs itself. */
  readonly usedMiB: number;
  readonly mostMiB: number;
  readonly anonymousMiB: number;
  readonly filesMiB: number;
  /** How often the limit was reached and pages had to be given up. */
  readonly reached: number;
  readonly killed: number;
}

const root = '/sys/fs/cgroup/memory';
const MIB = 1024 * 1024;
const mebibytes = (bytes: string | undefined): number => Number((Number(bytes ?? 0) / MIB).toFixed(1));

/** Undefined where none can be made: then nothing enforces the limit, and the result says so. */
export async function makeCgroup(name: string, limitMiB: number): Promise<Cgroup | undefined> {
  const folder = path.join(root, `${name}-${process.pid}`);
  try {
    await mkdir(folder);
    await writeFile(path.join(folder, 'memory.limit_in_bytes'), String(limitMiB * MIB));
  } catch {
    return undefined;
  }
  const read = (file: string): Promise<string> => readFile(path.join(folder, file), 'utf8').catch(() => '');
  const field = (text: string, key: string): string | undefined => new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1];
  return {
    enter: ['sh', '-c', `echo $$ >${folder}/cgroup.procs && exec "$@"`, 'sh'],
    async read() {
      const [used, most, stat, reached, oom] = await Promise.all(
        [
          'memory.usage_in_bytes',
          'memory.max_usage_in_bytes',
          'memory.stat',
          'memory.failcnt',
          'memory.oom_control',
        ].map(read),
      );
      return {
        limitMiB,
        usedMiB: mebibytes(used),
        mostMiB: mebibytes(most),
        anonymousMiB: mebibytes(field(stat ?? '', 'rss')),
        filesMiB: mebibytes(field(stat ?? '', 'cache')),
        reached: Number(reached ?? 0),
        killed: Number(field(oom ?? '', 'oom_kill') ?? 0),
      };
    },
    async remove() {
      // The kernel needs a moment until the last process is out.
      for (let attempt = 0; attempt < 20; attempt++) {
        if (
          await rmdir(folder).then(
            () => true,
            () => false,
          )
        )
          return;
        await delay(100);
      }
    },
  };
}
