/**
 * Credentials, made once: `<name>-internal` for the operator and the pods, `<name>-secret` for applications. Contents
 * are never overwritten.
 */
import type { KubernetesObject } from '../api/object.ts';
import { Secret } from '../api/resources.ts';
import { applicationDatabase, applicationUser } from '../engines/application.ts';
import { child, dataGoesWithOwner, type Credentials, type Input } from './context.ts';
import { internalSecretName, primaryService, secretName, serviceHost } from './names.ts';

/** Bytes from a CSPRNG. */
export type RandomBytes = (count: number) => Uint8Array;

/** 192 bits, in letters, digits, `-` and `_`: safe in a URI, a password file and a shell. */
export const makePassword = (random: RandomBytes): string => Buffer.from(random(24)).toString('base64url');

export const makeCredentials = (random: RandomBytes): Credentials => ({
  password: makePassword(random),
  superuserPassword: makePassword(random),
  replicationPassword: makePassword(random),
  monitorPassword: makePassword(random),
});

const keys = {
  password: 'password',
  superuserPassword: 'superuser-password',
  replicationPassword: 'replication-password',
  monitorPassword: 'monitor-password',
} as const satisfies Record<keyof Credentials, string>;

export const superuserKey = keys.superuserPassword;
export const replicationKey = keys.replicationPassword;
export const allKeys: readonly string[] = Object.values(keys);
export const monitorKey = keys.monitorPassword;

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const encodeAll = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, encode(value)]));

/** From `<name>-internal`; undefined when a key is missing or empty. */
export function readCredentials(secret: KubernetesObject): Credentials | undefined {
  const data = (secret['data'] ?? {}) as Readonly<Record<string, unknown>>;
  const read = (key: string): string => {
    const value = data[key];
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
  };
  const credentials: Credentials = {
    password: read(keys.password),
    superuserPassword: read(keys.superuserPassword),
    replicationPassword: read(keys.replicationPassword),
    monitorPassword: read(keys.monitorPassword),
  };
  return Object.values(credentials).every((value) => value !== '') ? credentials : undefined;
}

export function internalSecret(input: Input, credentials: Credentials): KubernetesObject {
  const data = encodeAll({
    [keys.password]: credentials.password,
    [keys.superuserPassword]: credentials.superuserPassword,
    [keys.replicationPassword]: credentials.replicationPassword,
    [keys.monitorPassword]: credentials.monitorPassword,
  });
  return secret(input, internalSecretName(input.database.metadata.name), data);
}

export function applicationSecret(input: Input, credentials: Credentials): KubernetesObject {
  const { database, engine, context } = input;
  const { name } = database.metadata;
  const parts = {
    username: applicationUser(database, engine),
    password: credentials.password,
    host: serviceHost(primaryService(name), database, context.clusterDomain),
    port: engine.port,
    database: applicationDatabase(database, engine),
  };
  const data = encodeAll({ ...parts, port: String(parts.port), uri: engine.connectionUri(parts) });
  return secret(input, secretName(name), data);
}

const secret = (input: Input, name: string, data: Record<string, string>): KubernetesObject =>
  child(input, Secret, name, { type: 'Opaque', data }, { owned: dataGoesWithOwner(input.database) });
