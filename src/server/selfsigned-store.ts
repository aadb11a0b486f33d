/**
 * Where selfsigned keeps its CA and leaf: a Secret that all replicas share (the first to create it wins, changes are
 * guarded by resourceVersion), a folder, or memory.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { KubernetesObject, ObjectRef } from '../api/object.ts';
import { Secret } from '../api/resources.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { ApiError } from '../kubernetes/errors.ts';
import { createMemoryStore } from '../kubernetes/memory-store.ts';
import { startReflector } from '../kubernetes/reflector.ts';
import type { Clock, Random } from '../values/clock.ts';
import type { SelfSignedState } from './selfsigned-state.ts';

export interface Loaded {
  readonly state: SelfSignedState | undefined;
  /** Given back to `save`, which refuses when somebody else was faster. */
  readonly version: string | undefined;
}

export interface StateStore {
  /** For the log. */
  readonly kind: 'secret' | 'folder' | 'memory';
  load(): Promise<Loaded>;
  /** False when somebody else was faster: load again. */
  save(state: SelfSignedState, version: string | undefined): Promise<boolean>;
  /** Called when another process may have changed the state. */
  onChange(listener: () => void): void;
  stop(): Promise<void>;
}

const names = {
  caCert: 'ca.crt',
  caKey: 'ca.key',
  cert: 'tls.crt',
  key: 'tls.key',
  previous: 'previous-ca.crt',
  nextCaCert: 'next-ca.crt',
  nextCaKey: 'next-ca.key',
  nextCert: 'next-tls.crt',
  nextKey: 'next-tls.key',
} as const;

function toFiles(state: SelfSignedState): Readonly<Record<string, string>> {
  return {
    [names.caCert]: state.ca.cert,
    [names.caKey]: state.ca.key,
    [names.cert]: state.leaf.cert,
    [names.key]: state.leaf.key,
    [names.previous]: state.previousCa ?? '',
    [names.nextCaCert]: state.next?.ca.cert ?? '',
    [names.nextCaKey]: state.next?.ca.key ?? '',
    [names.nextCert]: state.next?.leaf.cert ?? '',
    [names.nextKey]: state.next?.leaf.key ?? '',
  };
}

function fromFiles(file: (name: string) => string | undefined): SelfSignedState | undefined {
  const [caCert, caKey, cert, key] = [names.caCert, names.caKey, names.cert, names.key].map(file);
  if (caCert === undefined || caKey === undefined || cert === undefined || key === undefined) return undefined;
  const previous = file(names.previous);
  const [nextCaCert = '', nextCaKey = '', nextCert = '', nextKey = ''] = [
    names.nextCaCert,
    names.nextCaKey,
    names.nextCert,
    names.nextKey,
  ].map(file);
  return {
    ca: { cert: caCert, key: caKey },
    leaf: { cert, key },
    ...(previous !== undefined && previous !== '' && { previousCa: previous }),
    // Half of it is none: it is made anew.
    ...(nextCaCert !== '' && {
      next: { ca: { cert: nextCaCert, key: nextCaKey }, leaf: { cert: nextCert, key: nextKey } },
    }),
  };
}

const nothing = { onChange: () => undefined, stop: () => Promise.resolve() };

export function memoryStateStore(): StateStore {
  let state: SelfSignedState | undefined;
  return {
    ...nothing,
    kind: 'memory',
    load: () => Promise.resolve({ state, version: undefined }),
    save: (next) => {
      state = next;
      return Promise.resolve(true);
    },
  };
}

/** One process at a time. Rejects with the flag to look at when the folder can't be written. */
export function folderStateStore(directory: string): StateStore {
  const read = (name: string): Promise<string | undefined> =>
    readFile(path.join(directory, name), 'utf8').catch(() => undefined);
  return {
    ...nothing,
    kind: 'folder',
    load: async () => {
      const all = Object.values(names);
      const files = new Map(await Promise.all(all.map(async (name) => [name, await read(name)] as const)));
      return { state: fromFiles((name) => files.get(name as (typeof all)[number])), version: undefined };
    },
    save: async (state) => {
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        for (const [name, content] of Object.entries(toFiles(state))) {
          const part = path.join(directory, `.${name}.part`);
          await writeFile(part, content, { mode: 0o600 });
          await rename(part, path.join(directory, name));
        }
      } catch (error) {
        throw new Error(`certificates can't be kept in ${directory} (--cert-dir)`, { cause: error });
      }
      return true;
    },
  };
}

export interface SecretStoreOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
}

export function secretStateStore(options: SecretStoreOptions): StateStore {
  const { client, namespace, name, clock, random } = options;
  const ref: ObjectRef = { resource: Secret, namespace, name };
  const encode = (state: SelfSignedState): Record<string, string> =>
    Object.fromEntries(
      Object.entries(toFiles(state)).map(([file, text]) => [file, Buffer.from(text).toString('base64')]),
    );
  const store = createMemoryStore();
  const reflector = startReflector({
    client,
    clock,
    random,
    store,
    resource: Secret,
    namespaces: [namespace],
    fieldSelector: `metadata.name=${name}`,
    // The content is read when it is needed; a second copy of the keys is not kept.
    transform: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }),
  });
  return {
    kind: 'secret',
    load: async () => {
      const secret = await client.get(ref);
      const data = (secret?.['data'] ?? {}) as Readonly<Record<string, string>>;
      const file = (key: string): string | undefined =>
        data[key] === undefined ? undefined : Buffer.from(data[key], 'base64').toString();
      return { state: fromFiles(file), version: secret?.metadata.resourceVersion };
    },
    save: async (state, version) => {
      try {
        if (version === undefined) await client.create(Secret, secretObject(namespace, name, encode(state)));
        else {
          await client.jsonPatch(ref, [
            { op: 'test', path: '/metadata/resourceVersion', value: version },
            { op: 'add', path: '/data', value: encode(state) },
          ]);
        }
        return true;
      } catch (error) {
        if (error instanceof ApiError && [404, 409, 422].includes(error.code) && !isMissingNamespace(error))
          return false;
        throw error;
      }
    },
    onChange: (listener) => store.onChange(({ initial }) => initial || listener()),
    stop: () => reflector.stop(),
  };
}

const isMissingNamespace = (error: ApiError): boolean => error.code === 404 && error.message.includes('namespace');

function secretObject(namespace: string, name: string, data: Record<string, string>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: {
        'app.kubernetes.io/part-of': 'database-operator',
        'app.kubernetes.io/managed-by': 'database-operator',
      },
    },
    type: 'Opaque',
    data,
  };
}
