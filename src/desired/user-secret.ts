/**
 * The Secret of a user: everything that an application needs to connect, under the keys of servicebinding.io and a few more,
 * and for the operator what it has to know of the credential before. It has no owner reference, because a copy can't have
 * one and because it outlives its object as long as the user does.
 */
import type { KubernetesObject } from '../api/object.ts';
import { Secret } from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import type { Engine } from '../engines/engine.ts';
import {
  fieldManager,
  ownerKindLabel,
  ownerNameLabel,
  ownerNamespaceLabel,
  primaryService,
  readonlyService,
  serviceHost,
} from './names.ts';

export const credentialsName = (name: string): string => `${name}-credentials`;

const annotations = {
  changedAt: 'database.example.com/password-changed-at',
  previousLogin: 'database.example.com/previous-login',
  previousSha256: 'database.example.com/previous-sha256',
} as const;
/** On a copy: it is not read back. */
export const copyLabel = 'database.example.com/copy';

/** Object that the Secret belongs to, wherever the Secret lies. */
export interface SecretOwner {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export const ownerLabels = ({ kind, namespace, name }: SecretOwner): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/managed-by': fieldManager,
  'app.kubernetes.io/part-of': fieldManager,
  [ownerKindLabel]: kind,
  [ownerNamespaceLabel]: namespace,
  [ownerNameLabel]: name,
});

export interface SecretParts {
  readonly owner: SecretOwner;
  readonly namespace: string;
  readonly name: string;
  readonly database: Database;
  readonly engine: Engine;
  readonly login: string;
  readonly password: string;
  /** The database that it connects to. */
  readonly databaseName: string;
  readonly clusterDomain?: string;
  /** PEM. */
  readonly certificateAuthority?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly kept?: {
    readonly changedAt: number;
    readonly previous?: { readonly login: string; readonly sha256: string };
  };
}

export function userSecret(parts: SecretParts): KubernetesObject {
  const { database, engine, namespace, name, owner, kept } = parts;
  const host = (service: (name: string) => string): string =>
    serviceHost(service(database.metadata.name), database, parts.clusterDomain);
  const where = {
    username: parts.login,
    password: parts.password,
    host: host(primaryService),
    port: engine.port,
    database: parts.databaseName,
  };
  // A lone server has no replica to read from.
  const readonlyHost = (database.spec.replicas ?? 1) > 1 ? host(readonlyService) : where.host;
  const driver = engine.runtime?.users;
  const uriOptions = driver?.uriOptions ?? '';
  const jdbcUri = driver?.jdbcUri?.(where);
  const values: Readonly<Record<string, string>> = {
    ...where,
    port: String(where.port),
    uri: engine.connectionUri(where) + uriOptions,
    'readonly-host': readonlyHost,
    'readonly-uri': engine.connectionUri({ ...where, host: readonlyHost }) + uriOptions,
    ...(jdbcUri !== undefined && { 'jdbc-uri': jdbcUri }),
    type: engine.name,
    provider: fieldManager,
    ...(parts.certificateAuthority !== undefined && { 'ca.crt': parts.certificateAuthority }),
  };
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]),
  );
  const notes = kept && {
    [annotations.changedAt]: new Date(kept.changedAt).toISOString(),
    ...(kept.previous !== undefined && {
      [annotations.previousLogin]: kept.previous.login,
      [annotations.previousSha256]: kept.previous.sha256,
    }),
  };
  return {
    apiVersion: 'v1',
    kind: Secret.kind,
    metadata: {
      name,
      namespace,
      labels: { ...ownerLabels(owner), ...parts.labels },
      ...(notes !== undefined && { annotations: notes }),
    },
    type: `servicebinding.io/${engine.name}`,
    data,
  };
}

/** What `userSecret` wrote; undefined when a key is missing. */
export function readUserSecret(
  secret: KubernetesObject,
):
  | { login: string; password: string; changedAt: number | undefined; previous?: { login: string; sha256: string } }
  | undefined {
  const data = (secret['data'] ?? {}) as Readonly<Record<string, unknown>>;
  const read = (key: string): string => {
    const value = data[key];
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
  };
  const [login, password] = [read('username'), read('password')];
  if (login === '' || password === '') return undefined;
  const notes = secret.metadata.annotations ?? {};
  const changedAt = Date.parse(notes[annotations.changedAt] ?? '');
  const [previousLogin, sha256 = ''] = [notes[annotations.previousLogin], notes[annotations.previousSha256]];
  return {
    login,
    password,
    changedAt: Number.isNaN(changedAt) ? undefined : changedAt,
    ...(previousLogin !== undefined && /^[0-9a-f]{64}$/.test(sha256) && { previous: { login: previousLogin, sha256 } }),
  };
}
