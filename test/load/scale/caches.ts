/**
 * `npm run bench:caches`: what the caches of the operator hold for each Database, without an API server: the stores are
 * filled with what the pure functions say that Databases become. Runs in a minute where `bench:scale` takes half an hour.
 */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { completeDatabase } from '../../../src/admission/defaults.ts';
import type { KubernetesObject } from '../../../src/api/object.ts';
import * as resources from '../../../src/api/resources.ts';
import type { Database } from '../../../src/api/types.generated.ts';
import { makeCollect } from '../../../src/composition/memory.ts';
import { childResources, storeOptionsOf } from '../../../src/controllers/caches.ts';
import { desiredObjects } from '../../../src/desired/index.ts';
import { makeCredentials } from '../../../src/desired/secret.ts';
import { engineByName } from '../../../src/engines/index.ts';
import { createMemoryStore } from '../../../src/kubernetes/memory-store.ts';
import { stamp } from '../../../src/planning/drift.ts';
import { placeOf } from './run.ts';

const help = `Usage: npm run bench:caches -- [--databases 10000]
`;
const { values } = parseArgs({
  options: { databases: { type: 'string', default: '10000' }, help: { type: 'boolean', default: false } },
});

type Loose = Record<string, unknown>;
let version = 1;

/** As the API server would give it back. */
const stored = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    uid: object.metadata.uid ?? randomUUID(),
    resourceVersion: String(++version),
    generation: 1,
    creationTimestamp: `2026-12-01T0${randomInt(10)}:${randomInt(10, 60)}:${randomInt(10, 60)}Z`,
  },
});

function databaseOf(index: number, uid: string): Database {
  const place = placeOf(index);
  const conditions = ['Ready', 'Progressing', 'Degraded', 'Initialized'].map((type) => ({
    type,
    status: 'False' as const,
    reason: 'PrimaryNotReady',
    message: `${place.name}-0 is not ready: the pod has not been scheduled`,
    observedGeneration: 1,
    lastTransitionTime: '2026-12-01T04:00:00Z',
  }));
  return {
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { ...place, uid, finalizers: ['database.example.com/finalizer'] },
    spec: { engine: 'postgresql', version: '17', storage: { size: '1Gi' } },
    status: { phase: 'Creating', observedGeneration: 1, currentPrimary: `${place.name}-0`, primaryTerm: 1, conditions },
  };
}

/** A Database and all that is watched of it. */
function familyOf(index: number): readonly KubernetesObject[] {
  const uid = randomUUID();
  const database = databaseOf(index, uid);
  const engine = engineByName('postgresql');
  if (engine === undefined) throw new Error('there is no engine postgresql');
  const { objects } = desiredObjects(completeDatabase(database), engine, {
    ownerUid: uid,
    credentials: makeCredentials((count) => randomBytes(count)),
  });
  const made = objects.map(({ object, ownership }) => withAddress(ownership === 'apply' ? stamp(object) : object));
  const set = made.find(({ kind }) => kind === 'StatefulSet');
  const members = set === undefined ? [] : membersOf(set);
  return [database, ...made, ...members].map(stored);
}

function withAddress(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Service') return object;
  const clusterIP = `10.0.${randomInt(256)}.${randomInt(1, 255)}`;
  return { ...object, spec: { clusterIP, clusterIPs: [clusterIP], ...(object['spec'] as object) } };
}

function membersOf(set: KubernetesObject): readonly KubernetesObject[] {
  const { template } = set['spec'] as { template: { metadata: Loose; spec: Loose } };
  const place = { name: `${set.metadata.name}-0`, namespace: set.metadata.namespace ?? '' };
  const status = { phase: 'Running', podIP: `10.1.${randomInt(256)}.${randomInt(1, 255)}`, conditions: [] };
  const labels = set.metadata.labels ?? {};
  return [
    { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, ...place }, spec: template.spec, status },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { ...place, name: `data-${place.name}`, labels },
      spec: { resources: { requests: { storage: '1Gi' } } },
      status: { phase: 'Bound', capacity: { storage: '1Gi' } },
    },
  ] as KubernetesObject[];
}

const watched = [resources.Database, ...childResources];

/** What a Database and all that is watched of it would hold as objects, measured over a hundred. */
function bytesUnpacked(measure: () => { readonly heap: number }): number {
  const before = measure().heap;
  const kept = Array.from({ length: 100 }, (_, index) => JSON.parse(JSON.stringify(familyOf(index))) as unknown);
  return Math.round((measure().heap - before) / kept.length);
}

function main(databases: number): void {
  const collect = makeCollect();
  const measure = (): { heap: number; resident: number } => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, resident: rss };
  };
  familyOf(0);
  const unpacked = bytesUnpacked(measure);
  const before = measure();
  const stores = new Map(watched.map((resource) => [resource.kind, createMemoryStore(storeOptionsOf(resource))]));
  let [objects, bytes, storing] = [0, 0, 0];
  for (let index = 0; index < databases; index++) {
    const family = familyOf(index);
    const begin = performance.now();
    for (const object of family) stores.get(object.kind)?.upsert(object);
    storing += performance.now() - begin;
    objects += family.length;
    bytes += JSON.stringify(family).length;
  }
  const after = measure();
  const reading = performance.now();
  for (const store of stores.values()) for (const { metadata } of store.each()) if (metadata.name === '') return;
  const micros = ((performance.now() - reading) * 1000) / objects;
  const mebibytes = (value: number): string => (value / 1024 / 1024).toFixed(1);
  const heap = after.heap - before.heap;
  const lines = [
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1) ?? '?'}`,
    `${databases} Databases, ${objects} objects, ${mebibytes(bytes)} MiB of JSON`,
    `kept in ${mebibytes(heap)} MiB, ${Math.round(heap / databases)} bytes for each Database with all that is watched of it`,
    `as objects they would be ${unpacked} bytes for each`,
    `storing ${((storing * 1000) / objects).toFixed(0)} µs, reading ${micros.toFixed(0)} µs for each object`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

if (values.help) process.stdout.write(help);
else main(Number(values.databases));
