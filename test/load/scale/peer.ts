/** Builds `bench/peers/go-operator`; its modules are pinned by go.sum. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../tools/control-plane/binaries.ts';
import { repository } from '../../api/harness.ts';

/** Path of the binary, in the cache beside the control plane's. */
export async function buildPeer(say: (line: string) => void): Promise<string> {
  const binary = path.join(cacheFolder(), 'go-operator');
  await mkdir(path.dirname(binary), { recursive: true });
  say('building the peer');
  await promisify(execFile)('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', binary, '.'], {
    cwd: path.join(repository, 'bench/peers/go-operator'),
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
    maxBuffer: 16 << 20,
  });
  return binary;
}
