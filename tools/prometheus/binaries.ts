/**
 * Prometheus and promtool for end-to-end tests: built from the pinned Go module beside this file, which takes minutes once,
 * and kept in the user's cache.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { buildFrom, type Environment } from '../control-plane/build.ts';
import { withLock } from '../control-plane/lock.ts';
import { silent, timed, type Progress } from '../control-plane/progress.ts';

const names = ['prometheus', 'promtool'] as const;
/** Absolute path of each. */
export type PrometheusBinaries = Readonly<Record<(typeof names)[number], string>>;

const here = import.meta.dirname;

/** `~/.cache/database-operator/prometheus-<hash of pins>`, or below XDG_CACHE_HOME. */
function cacheFolder(env: Environment): string {
  const given = env['XDG_CACHE_HOME'];
  const root = given !== undefined && path.isAbsolute(given) ? given : path.join(env['HOME'] ?? homedir(), '.cache');
  const hash = createHash('sha256').update(`${process.platform}/${process.arch}\n`);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(here, file)));
  return path.join(root, 'database-operator', `prometheus-${hash.digest('hex').slice(0, 12)}`);
}

/** Rejects with what to install when there is no Go. */
export async function findPrometheus(
  progress: Progress = silent,
  env: Environment = process.env,
): Promise<PrometheusBinaries> {
  const folder = cacheFolder(env);
  const missing = (): readonly string[] => names.filter((name) => !existsSync(path.join(folder, name)));
  if (missing().length > 0) {
    await mkdir(folder, { recursive: true });
    const wait = (): void => progress.line('another process is building Prometheus: waiting for it');
    await withLock(path.join(folder, 'lock'), wait, async () => {
      for (const name of missing()) {
        const source = {
          module: here,
          package: `github.com/prometheus/prometheus/cmd/${name}`,
          ldflags: '-s -w',
          remedy: 'install Go 1.26 or newer and put it on PATH',
        };
        await timed(progress, `building ${name}`, () => buildFrom(source, { name, folder, env }));
      }
    });
  }
  return { prometheus: path.join(folder, 'prometheus'), promtool: path.join(folder, 'promtool') };
}
