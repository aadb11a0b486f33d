/** An engine whose server is a directory of files, with the real script and the real pipes: for what all engines share. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BackupFingerprint } from '../../src/api/backup-order.ts';
import { backupShell } from '../../src/engines/backup-shell.ts';
import { BackupFault, type BackupSession, type EngineBackup, type EngineTools } from '../../src/engines/backup.ts';

const script = backupShell({
  title: 'Toy',
  verbs: ['dump', 'load', 'serve', 'fail', 'echo', 'slow', 'begin', 'unpack', 'replay', 'settle'],
  functions: String.raw`
do_dump() { cat "$1"/*.table >"$exchange/data" && [ ! -e "$1/torn" ] || { echo 'the toy broke' >&2; return 3; }; }
do_load() { mkdir -p "$1" && cat >"$1/loaded.table" <"$exchange/data"; }
do_serve() { mkdir -p "$scratch/served"; }
do_fail() { echo "no $1 today" >&2; return 7; }
do_echo() { for word; do printf '[%s]' "$word"; done; }
do_begin() {
  [ -e "$scratch/data" ] || { rm -rf "$scratch/new"; mkdir "$scratch/new"; echo ready; return; }
  if [ "$(cat "$scratch/data/mark")" = "$1" ]; then echo complete; else echo occupied; fi
}
do_unpack() { cat >"$scratch/new/files" <"$exchange/data"; }
# Wants the pieces 1, 2 and so on; a moment is the piece that it needs to come to.
do_replay() {
  piece=1
  while touch "$exchange/log/$piece.wanted"; do
    while [ -e "$exchange/log/$piece.wanted" ]; do sleep 0.02; done
    [ -e "$exchange/log/$piece" ] || break
    cat "$exchange/log/$piece" >>"$scratch/new/log" && rm "$exchange/log/$piece"
    [ "$1" != "$piece" ] || return 0
    piece=$((piece + 1))
  done
  [ -z "$1" ] || { echo 'FATAL: recovery ended before configured recovery target was reached' >&2; return 1; }
  echo "piece $((piece - 1))"
}
do_settle() { printf '%s' "$1" >"$scratch/new/mark" && printf '%s %s' "$2" "$3" >"$scratch/new/owner" && mv "$scratch/new" "$scratch/data"; }
do_slow() { printf begin >"$exchange/data"; exec sleep 60; }
`,
});

export interface Toy {
  readonly engine: EngineBackup;
  readonly exchange: string;
  readonly scratch: string;
  /** The container of the engine. */
  start(): ChildProcess;
}

export function makeToy(root: string): Toy {
  const exchange = path.join(root, 'exchange');
  const scratch = path.join(root, 'scratch');
  for (const folder of [exchange, scratch]) mkdirSync(folder);
  const file = path.join(root, 'engine.sh');
  writeFileSync(file, script);
  const environment = { PATH: process.env['PATH'], EXCHANGE: exchange, SCRATCH: scratch, TMPDIR: root };
  return {
    ...{ exchange, scratch },
    engine: {
      ...{ script, throwAwayPort: 0, lineOf: (version: string) => version.split('.', 1)[0] ?? '' },
      // Pieces of its log are numbers.
      log: {
        open: () => {
          throw new Error('the toy writes no log');
        },
        isPiece: (name) => /^\d+$/.test(name),
        comparePieces: (a, b) => Number(a) - Number(b),
        next: (piece) => String(Number(piece) + 1),
      },
      // The host names the directory; the throw-away server's is made by the script.
      open: ({ host }, tools) => session(host === '127.0.0.1' ? path.join(scratch, 'served') : host, tools),
    },
    start: () => spawn('sh', [file], { env: environment, stdio: ['ignore', 'ignore', 'inherit'], detached: true }),
  };
}

/** Each line of a dump is `TABLE ROWS`. */
function session(directory: string, tools: EngineTools): BackupSession {
  const read = (): BackupFingerprint => {
    const files = readdirSync(directory).filter((name) => name.endsWith('.table'));
    const lines = files.flatMap((name) => readFileSync(path.join(directory, name), 'latin1').split('\n'));
    const tables = lines.filter((line) => line.startsWith('t')).map((line) => line.split(' ', 2));
    return {
      method: 'toy',
      databases: {
        toy: Object.fromEntries(
          tables.map(([name = '', rows]): [string, { rows: number }] => [name, { rows: Number(rows) }]),
        ),
      },
    };
  };
  return {
    version: () => Promise.resolve(process.env['TOY_VERSION'] ?? '3.1'),
    async take(sink) {
      const fingerprint = read();
      await sink.put({ kind: 'server', format: 'toy' }, tools.output('dump', [directory]));
      return fingerprint;
    },
    prepare() {
      const held = readdirSync(directory).length > 0;
      return held ? Promise.reject(new BackupFault('NotEmpty', 'toys are there')) : Promise.resolve('ready');
    },
    async restore(source) {
      for (const stream of source.streams.filter(({ kind }) => kind === 'server')) {
        await tools.input('load', [directory], source.read(stream));
      }
    },
    finish: () => Promise.resolve(),
    fingerprint: () => Promise.resolve(read()),
    query: (_, statement) => Promise.resolve(statement === 'nothing' ? undefined : statement),
    async files(sink) {
      await sink.put({ kind: 'files', format: 'tar' }, tools.output('dump', [directory]));
      return { data: '7', firstPiece: '1', endedAt: '2026-03-01T00:00:00Z' };
    },
    close: () => Promise.resolve(),
  };
}

export const emptyServer = (directory: string): void => {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
};
