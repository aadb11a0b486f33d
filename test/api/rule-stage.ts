/**
 * Examples of the rules on a real API server: a webhook of the test's own in front of the real `decide`, with the clock of the
 * examples (verdicts depend on end-of-life dates), and the objects that an example speaks of, really stored. The webhook's
 * facts are those objects as the API server gives them back.
 */
import { parseAllDocuments, stringify } from 'yaml';
import { noFacts, type Facts, type StorageClassFact } from '../../src/admission/facts.ts';
import { cluster, type StagedFacts } from '../../src/admission/rules/examples.ts';
import type { Example } from '../../src/admission/rule.ts';
import type { KubernetesObject, ObjectRef, Resource } from '../../src/api/object.ts';
import * as resources from '../../src/api/resources.ts';
import { isAlreadyExists, isNotFound } from '../../src/kubernetes/errors.ts';
import type { HttpClient } from '../../src/kubernetes/http-client.ts';
import { createReviewHandler } from '../../src/server/review-handler.ts';
import { webhookConfigurations } from '../../tools/webhook-configurations.ts';
import { makeCertificate } from '../support/certificates.ts';
import { realClock } from '../support/real-clock.ts';
import { connectTo } from '../support/real-client.ts';
import { allowAll, startTestServer } from '../support/webhook-server.ts';
import { controlPlane, eventually, expectKubectl, installCrds, kubectl } from './harness.ts';

/** The day of the examples: their tables of releases and points in time are read on it. */
export const exampleDay = new Date('2026-11-20T12:00:00Z');

export interface RuleStage {
  /** Stores what the example takes for granted and what it starts from, past the webhook; answers how to clear it. */
  set(example: Example): Promise<() => Promise<void>>;
  /** Of rules that threw. */
  readonly panics: readonly unknown[];
  stop(): Promise<void>;
}

type Store = Pick<HttpClient, 'create' | 'get' | 'delete' | 'mergePatch'>;

export async function openRuleStage(): Promise<RuleStage> {
  await installCrds();
  const panics: unknown[] = [];
  const door = { open: false, facts: noFacts };
  const webhook = await startWebhook(door, panics);
  const client = await connectTo({ kubeconfig: (await controlPlane()).kubeconfig }, 'rule-stage');
  await eventually(webhookRefuses, 20_000);
  return {
    panics,
    set: async (example) => {
      door.open = true;
      const stored = await store(client, [...objectsOf(example), ...startOf(example)]);
      door.open = false;
      door.facts = factsOf(example, stored);
      return () => clear(client, door, stored);
    },
    stop: async () => {
      await kubectl(['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', 'database-webhook']);
      client.close();
      await webhook.close();
    },
  };
}

interface Door {
  open: boolean;
  facts: Facts;
}

async function startWebhook(door: Door, panics: unknown[]) {
  const { ca, leaf } = await makeCertificate();
  const clock = { ...realClock, now: () => exampleDay.getTime() };
  const onPanic = (...what: unknown[]): void => void panics.push(what);
  const server = await startTestServer({
    pair: leaf,
    handle: (call) => (door.open ? allowAll(call) : createReviewHandler({ clock, facts: door.facts, onPanic })(call)),
  });
  const configurations = parseAllDocuments(webhookConfigurations(`https://127.0.0.1:${server.port}`)).map((document) =>
    stringify(trusting(document.toJS() as Configuration, Buffer.from(ca.cert).toString('base64'))),
  );
  await expectKubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], configurations.join('---\n'));
  return server;
}

interface Configuration {
  readonly webhooks: readonly { readonly clientConfig: object }[];
}

const trusting = (configuration: Configuration, caBundle: string): Configuration => ({
  ...configuration,
  webhooks: configuration.webhooks.map((webhook) => ({
    ...webhook,
    clientConfig: { ...webhook.clientConfig, caBundle },
  })),
});

async function webhookRefuses(): Promise<boolean> {
  const probe = { apiVersion: 'example.com/v1', kind: 'Database', metadata: { name: 'probe-primary' }, spec: {} };
  const { stderr } = await kubectl(['apply', '--dry-run=server', '-f', '-'], JSON.stringify(probe));
  return stderr.includes('metadata.name');
}

const stageOf = ({ facts }: Example): StagedFacts['stage'] | undefined =>
  (facts as Partial<StagedFacts> | undefined)?.stage;

/** What an example takes for granted; namespaces first. */
function objectsOf(example: Example): readonly KubernetesObject[] {
  const { objects = [], classes = [] } = stageOf(example) ?? {};
  const own = example.object.metadata;
  const named = objects.filter((object) => object.kind !== 'Namespace');
  const spaces = [own, ...named.map(({ metadata }) => metadata)].map(({ namespace }) => namespace ?? 'default');
  return [
    ...objects.filter((object) => object.kind === 'Namespace'),
    ...[...new Set(spaces)].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...classes.map(classObject),
    ...named.filter(({ kind, metadata }) => !isSame(example, kind, metadata)),
  ];
}

/** An example that is among its own facts is what is being written. */
const isSame = ({ object }: Example, kind: string, { name, namespace }: KubernetesObject['metadata']): boolean =>
  object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace;

/** What is stored before an update or a deletion, as `kubectl apply` would have left it. */
function startOf({ object, oldObject, operation }: Example): readonly KubernetesObject[] {
  const start = operation === 'DELETE' ? object : oldObject;
  if (start === undefined) return [];
  const annotations = {
    ...start.metadata.annotations,
    'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(start)}\n`,
  };
  return [{ ...start, metadata: { ...start.metadata, annotations } }];
}

const defaultClass = 'storageclass.kubernetes.io/is-default-class';

const classObject = ({ name, allowVolumeExpansion, isDefault }: StorageClassFact): KubernetesObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name, annotations: { [defaultClass]: String(isDefault) } },
  provisioner: 'example.com/none',
  allowVolumeExpansion,
});

const kinds = new Map<string, Resource>(
  [...resources.ownKinds, resources.Namespace, resources.Secret, resources.StorageClass].map((resource) => [
    resource.kind,
    resource,
  ]),
);

function refOf({ kind, metadata }: KubernetesObject): ObjectRef {
  const resource = kinds.get(kind);
  if (resource === undefined) throw new Error(`${kind}: no such kind on the stage; add it to test/api/rule-stage.ts`);
  return { resource, name: metadata.name, ...(resource.namespaced && { namespace: metadata.namespace ?? 'default' }) };
}

/** As the API server stored them. Namespaces are shared: their labels are set to those of the example. */
async function store(client: Store, objects: readonly KubernetesObject[]): Promise<readonly KubernetesObject[]> {
  const stored: KubernetesObject[] = [];
  for (const object of objects) {
    const ref = refOf(object);
    try {
      stored.push(await withStatus(client, ref, object, await client.create(ref.resource, object)));
    } catch (error) {
      if (object.kind !== 'Namespace' || !isAlreadyExists(error)) throw error;
      if (stored.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === ref.name)) continue;
      stored.push(
        await client.mergePatch(ref, { metadata: { labels: { [consent]: null, ...object.metadata.labels } } }),
      );
    }
  }
  return stored;
}

/** The API server takes no status with a new object. */
const withStatus = (
  client: Store,
  ref: ObjectRef,
  { status }: KubernetesObject,
  created: KubernetesObject,
): Promise<KubernetesObject> =>
  status === undefined ? Promise.resolve(created) : client.mergePatch(ref, { status }, { subresource: 'status' });

const consent = 'database.example.com/allow-references';

/** Facts that were not made by `cluster` are taken as they are. */
function factsOf(example: Example, stored: readonly KubernetesObject[]): Facts {
  const stage = stageOf(example);
  if (example.facts === undefined || stage === undefined) return { ...noFacts, ...example.facts };
  const classes = stored
    .filter(({ kind }) => kind === 'StorageClass')
    .map((object) => ({
      name: object.metadata.name,
      allowVolumeExpansion: object['allowVolumeExpansion'] === true,
      isDefault: object.metadata.annotations?.[defaultClass] === 'true',
    }));
  const itself = stage.objects.filter(({ kind, metadata }) => isSame(example, kind, metadata));
  // Answers of others than informers, such as access reviews, are the example's own.
  return { ...noFacts, ...example.facts, ...cluster([...stored, ...itself], classes) };
}

async function clear(client: Store, door: Door, stored: readonly KubernetesObject[]): Promise<void> {
  door.open = true;
  for (const object of stored.filter(({ kind }) => kind !== 'Namespace')) {
    await client.delete(refOf(object)).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
  door.open = false;
  door.facts = noFacts;
}
