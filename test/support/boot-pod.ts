/** A boot script run by the real shell, in a directory that stands for a container; the server's binaries are stand-ins. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** One container's files and processes. */
export class BootPod {
  child: ChildProcess | undefined;
  output = '';
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  constructor(root: string, environment: Readonly<Record<string, string>>) {
    this.root = root;
    this.environment = environment;
  }
  file = (...parts: string[]): string => path.join(this.root, ...parts);
  read = (...parts: string[]): Promise<string> => readFile(this.file(...parts), 'utf8').catch(() => '');
  write = (name: string, text: string): Promise<void> => writeFile(this.file(name), text);
  exists = (...parts: string[]): Promise<boolean> =>
    stat(this.file(...parts)).then(
      () => true,
      () => false,
    );
  start(environment: Readonly<Record<string, string>> = {}): void {
    this.child = spawn('sh', [this.file('boot.sh')], {
      env: {
        PATH: `${this.file('bin')}:/usr/bin:/bin`,
        CALLS: this.file('calls'),
        STATE: this.root,
        NODE: process.execPath,
        POD_NAME: 'orders-0',
        HEADLESS_SERVICE: 'orders-headless',
        ...this.environment,
        ...environment,
      },
      detached: true,
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }
  async until(what: string, check: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 800; tries++) {
      if (await check()) return;
      await delay(20);
    }
    assert.fail(`${what} did not happen; output:\n${this.output}\ncalls:\n${await this.read('calls')}`);
  }
  /** Stand-ins for programs: name → body of a shell script. */
  async install(binaries: Readonly<Record<string, string>>): Promise<void> {
    await Promise.all(
      Object.entries(binaries).map(async ([name, body]) => {
        await this.write(`bin/${name}`, `#!/bin/sh\n${body}\n`);
        await chmod(this.file('bin', name), 0o755);
      }),
    );
  }
  running = (): Promise<void> => this.until('serving', () => this.exists('serving'));
  called = (text: string): Promise<void> =>
    this.until(`a call of ${text}`, async () => (await this.read('calls')).includes(text));
  async exit(): Promise<number | null> {
    const child = this.child;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once('exit', done));
    return child.exitCode;
  }
  static async make(folders: readonly string[], environment: Readonly<Record<string, string>>): Promise<BootPod> {
    const pod = new BootPod(await mkdtemp(path.join(tmpdir(), 'boot-')), environment);
    await Promise.all(folders.map((name) => mkdir(pod.file(name))));
    return pod;
  }
  /** Ends what runs and removes the files. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.root, { recursive: true, force: true });
  }
  /** As the kernel ends a container: everything in it at once. */
  async kill(): Promise<void> {
    const pid = this.child?.pid;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      return; // Gone already.
    }
    await this.exit();
  }
  async refusal(): Promise<string> {
    this.start();
    assert.equal(await this.exit(), 1, this.output);
    return this.read('termination-log');
  }
}
