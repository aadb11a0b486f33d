/** What must be there once everything has come to rest, and what of it is not. */
import type { KubernetesObject } from '../../../src/api/object.ts';
import * as resources from '../../../src/api/resources.ts';
import { childResources } from '../../../src/controllers/caches.ts';
import { nameLabel } from '../../../src/desired/names.ts';

export interface Wanted {
  readonly maxConnections: number;
  readonly replicas: number;
}

/** Objects of one moment, by kind. */
export type Content = Readonly<Record<string, readonly KubernetesObject[]>>;

/** Everything that a Database without backups becomes, by the suffix of its name. */
const children: Readonly<Record<string, readonly string[]>> = {
  ServiceAccount: [''],
  Secret: ['-secret', '-internal'],
  ConfigMap: ['-config', '-scripts', '-topology'],
  Service: ['', '-primary', '-readonly', '-headless'],
  PodDisruptionBudget: [''],
  NetworkPolicy: [''],
  StatefulSet: [''],
};

export const looked = [resources.Database, ...childResources.filter(({ kind }) => kind in children)];

/** In words; empty: all is as wanted. */
export function differences(wanted: ReadonlyMap<string, Wanted>, content: Content): readonly string[] {
  const missing = [...wanted].flatMap(([name, how]) => [...missingOf(name, content), ...wrongIn(name, how, content)]);
  return [...missing, ...leftovers(wanted, content)];
}

const find = (content: Content, kind: string, name: string): KubernetesObject | undefined =>
  content[kind]?.find(({ metadata }) => metadata.name === name);

const missingOf = (name: string, content: Content): readonly string[] =>
  Object.entries(children).flatMap(([kind, suffixes]) =>
    suffixes
      .filter((suffix) => find(content, kind, name + suffix)?.metadata.labels?.[nameLabel] !== name)
      .map((suffix) => `${kind} ${name}${suffix} is missing or not labelled`),
  );

function wrongIn(name: string, { maxConnections, replicas }: Wanted, content: Content): readonly string[] {
  const set = find(content, 'StatefulSet', name)?.['spec'] as { replicas?: number } | undefined;
  const config = find(content, 'ConfigMap', `${name}-config`)?.['data'] as Record<string, string> | undefined;
  const database = find(content, 'Database', name);
  const status = database?.['status'] as { observedGeneration?: number } | undefined;
  const setting = `max_connections = ${maxConnections}`;
  return [
    ...(set?.replicas === replicas
      ? []
      : [`StatefulSet ${name} has ${set?.replicas ?? 'no'} replicas, not ${replicas}`]),
    ...(Object.values(config ?? {}).some((text) => text.includes(setting))
      ? []
      : [`${name}-config lacks "${setting}"`]),
    ...(status?.observedGeneration === database?.metadata.generation
      ? []
      : [`the status of ${name} is of an older spec`]),
  ];
}

/** Objects of Databases that are gone. */
const leftovers = (wanted: ReadonlyMap<string, Wanted>, content: Content): readonly string[] =>
  Object.entries(content).flatMap(([kind, objects]) =>
    objects
      .filter(({ metadata }) => !wanted.has(metadata.labels?.[nameLabel] ?? (kind === 'Database' ? metadata.name : '')))
      .filter(({ metadata }) => kind === 'Database' || metadata.labels?.[nameLabel] !== undefined)
      .map(({ metadata }) => `${kind} ${metadata.name} is still there`),
  );
