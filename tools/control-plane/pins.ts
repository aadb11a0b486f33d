/**
 * What is pinned: the Go modules beside this file. Kubernetes and etcd are two modules because they ask for different
 * versions of etcd's client. The flags are part of the pins, for the version that the binaries report.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const binaryNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;
export type BinaryName = (typeof binaryNames)[number];
/** Absolute path of each. */
export type Binaries = Readonly<Record<BinaryName, string>>;

export interface Source {
  /** Folder of the Go module. */
  readonly module: string;
  readonly package: string;
  readonly ldflags: string;
}

const here = import.meta.dirname;
const read = (file: string): string => readFileSync(path.join(here, file), 'utf8');

export function sourceOf(name: BinaryName): Source {
  if (name === 'etcd') {
    return { module: path.join(here, 'etcd'), package: 'go.etcd.io/etcd/server/v3', ldflags: '-s -w' };
  }
  return { module: here, package: `k8s.io/kubernetes/cmd/${name}`, ldflags: `-s -w ${read('ldflags').trim()}` };
}

/** `v1.36.3`, from go.mod. */
export function kubernetesVersion(): string {
  const [, version] = /^\s*k8s\.io\/kubernetes (v\d+\.\d+\.\d+)/m.exec(read('go.mod')) ?? [];
  if (version === undefined) throw new Error('tools/control-plane/go.mod requires no k8s.io/kubernetes');
  return version;
}

/** `1.26`: the Go release that go.mod asks for. */
export function goVersion(): string {
  const [, version] = /^go (\d+\.\d+)/m.exec(read('go.mod')) ?? [];
  if (version === undefined) throw new Error('tools/control-plane/go.mod has no go line');
  return version;
}

/** Twelve hex digits that change with any pin and with the machine's kind. */
export function pinsHash(): string {
  const hash = createHash('sha256').update(`${process.platform}/${process.arch}\n`);
  for (const file of ['go.mod', 'go.sum', 'ldflags', 'etcd/go.mod', 'etcd/go.sum']) hash.update(read(file));
  return hash.digest('hex').slice(0, 12);
}
