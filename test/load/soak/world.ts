/** The world of a soak: a control plane, a door that can be cut, the operator behind it, and the hands that act in it. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { KubernetesObject, Resource } from '../../../src/api/object.ts';
import * as resources from '../../../src/api/resources.ts';
import { nameLabel } from '../../../src/desired/names.ts';
import { isAlreadyExists, isNotFound } from '../../../src/kubernetes/errors.ts';
import type { HttpClient } from '../../../src/kubernetes/http-client.ts';
import { freePort } from '../../../tools/control-plane/process.ts';
import type { ControlPlane } from '../../../tools/control-plane/start.ts';
import { webhookConfigurations } from '../../../tools/webhook-configurations.ts';
import { controlPlane, eventually, expectKubectl, installCrds } from '../../api/harness.ts';
import { startOperator, type Operator } from '../../operator.ts';
import { connectTo } from '../../support/real-client.ts';
import { isOurs, isWrite, tailAudit, type AuditTail } from '../audit-tail.ts';
import { openDoor, type Door } from '../cuttable.ts';
import type { Action, Vandalism } from './actions.ts';
import { looked, type Content, type Wanted } from './expected.ts';

export const namespace = 'soak';
const operatorNamespace = 'soak-operator';

export interface World {
  readonly plane: ControlPlane;
  readonly client: HttpClient;
  readonly door: Door;
  readonly writes: AuditTail;
  readonly wanted: Map<string, Wanted>;
  readonly start: () => Promise<Operator>;
  operator: Operator;
  /** Log lines of operators that were ended. */
  readonly oldLogs: string[];
}

export async function makeWorld(): Promise<World> {
  const plane = await controlPlane();
  await installCrds();
  for (const name of [namespace, operatorNamespace]) await expectKubectl(['create', 'namespace', name]);
  const client = await connectTo({ kubeconfig: plane.kubeconfig }, 'soak');
  const door = await openDoor(Number(new URL(plane.url).port));
  const kubeconfig = path.join(plane.dir, 'kubeconfigs/through-the-door.yaml');
  const text = await readFile(plane.kubeconfig, 'utf8');
  await writeFile(kubeconfig, text.replaceAll(plane.url, `https://127.0.0.1:${door.port}`), { mode: 0o600 });
  const [port, operationsPort] = [await freePort(), await freePort()];
  await expectKubectl(
    ['apply', '--server-side', '--force-conflicts', '-f', '-'],
    webhookConfigurations(`https://127.0.0.1:${port}`),
  );
  const start = (): Promise<Operator> =>
    startOperator({
      kubeconfig,
      host: '127.0.0.1',
      port,
      operationsPort,
      certificates: 'secret',
      main: 'dist/main.js',
      extra: ['--agent-image=database-operator:test', `--namespace=${operatorNamespace}`],
    });
  const writes = tailAudit(path.join(plane.dir, 'audit.log'), (event) => isOurs(event) && isWrite(event));
  const operator = await start();
  return { plane, client, door, writes, wanted: new Map(), start, operator, oldLogs: [] };
}

const ref = (resource: Resource, name: string): { resource: Resource; namespace: string; name: string } => ({
  resource,
  namespace,
  name,
});

const database = (name: string, maxConnections: number): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name, namespace },
  spec: {
    engine: 'postgresql',
    version: '17',
    storage: { size: '1Gi' },
    deletionPolicy: 'Delete',
    config: { maxConnections },
  },
});

/** Tried until the webhook answers: the operator may be away, and then admission refuses, as it must. */
const insist = <T>(work: () => Promise<T>): Promise<T> =>
  eventually(async () => ({ done: await work() }), 90_000).then(({ done }) => done);

async function create(world: World, name: string, value: number): Promise<void> {
  const maxConnections = 100 + value;
  // One that is still being deleted keeps the name.
  await insist(async () => {
    if ((await world.client.get(ref(resources.Database, name)))?.metadata.deletionTimestamp !== undefined)
      throw new Error(`${name} is still being deleted`);
    await world.client.create(resources.Database, database(name, maxConnections)).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  });
  world.wanted.set(name, { maxConnections, replicas: 1 });
}

async function patch(world: World, name: string, spec: object, now: Partial<Wanted>): Promise<void> {
  await insist(() => world.client.mergePatch(ref(resources.Database, name), { spec }));
  const before = world.wanted.get(name) ?? { maxConnections: 100, replicas: 1 };
  world.wanted.set(name, { ...before, ...now });
}

async function remove(world: World, name: string): Promise<void> {
  await insist(async () => {
    await world.client.delete(ref(resources.Database, name)).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  });
  world.wanted.delete(name);
}

const vandals: Readonly<Record<Vandalism, (client: HttpClient, name: string) => Promise<unknown>>> = {
  deleteService: (client, name) => client.delete(ref(resources.Service, `${name}-readonly`)),
  editConfigMap: (client, name) =>
    client.mergePatch(ref(resources.ConfigMap, `${name}-config`), { data: { 'postgresql.conf': '# by hand' } }),
  dropLabel: (client, name) =>
    client.mergePatch(ref(resources.Service, name), { metadata: { labels: { [nameLabel]: null } } }),
  deleteStatefulSet: (client, name) =>
    client.delete(ref(resources.StatefulSet, name), { propagationPolicy: 'Background' }),
  scaleStatefulSet: (client, name) => client.mergePatch(ref(resources.StatefulSet, name), { spec: { replicas: 0 } }),
};

async function vandalise({ client }: World, name: string, what: Vandalism): Promise<void> {
  try {
    await vandals[what](client, name);
  } catch (error) {
    // It has not been made yet: there is nothing to break.
    if (!isNotFound(error)) throw error;
  }
}

const troubles: Readonly<
  Record<'kill' | 'cut' | 'restartApiServer' | 'newCertificate', (world: World) => Promise<void>>
> = {
  kill: async (world) => {
    world.oldLogs.push(world.operator.log());
    await world.operator.kill();
    world.operator = await world.start();
  },
  cut: ({ door }) => {
    door.cut();
    return Promise.resolve();
  },
  restartApiServer: async ({ plane }) => {
    await plane.stopApiServer();
    await plane.startApiServer();
  },
  // What renewal does, at once: without its Secret the operator makes a CA and a leaf anew and has them trusted.
  newCertificate: async ({ client }) => {
    const page = await client.listPage(resources.Secret, { namespace: operatorNamespace });
    for (const { metadata } of page.items)
      await client.delete({ resource: resources.Secret, namespace: operatorNamespace, name: metadata.name });
  },
};

export async function perform(world: World, action: Action): Promise<void> {
  switch (action.do) {
    case 'create':
      return create(world, action.name, action.value);
    case 'delete':
      return remove(world, action.name);
    case 'change': {
      const maxConnections = 100 + action.value;
      return patch(world, action.name, { config: { maxConnections } }, { maxConnections });
    }
    case 'hibernate':
      return patch(world, action.name, { hibernate: action.value === 1 }, { replicas: action.value === 1 ? 0 : 1 });
    case 'vandalise':
      return vandalise(world, action.name, action.what);
    default:
      return troubles[action.do](world);
  }
}

export async function contentOf({ client }: World): Promise<Content> {
  const content: Record<string, readonly KubernetesObject[]> = {};
  for (const resource of looked) content[resource.kind] = (await client.listPage(resource, { namespace })).items;
  return content;
}
