/** What the StatefulSets' controller and the scheduler would make: a claim and a pod for each Database. Nothing runs. */
import * as resources from '../../../src/api/resources.ts';
import type { HttpClient } from '../../../src/kubernetes/http-client.ts';
import { placeOf } from './run.ts';

const WRITERS = 16;

interface Shape {
  readonly template: { readonly metadata: object; readonly spec: { readonly volumes?: readonly object[] } };
  readonly volumeClaimTemplates: readonly {
    readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec: object;
  }[];
}

export async function makePods(client: HttpClient, databases: number): Promise<void> {
  let index = 0;
  const writer = async (): Promise<void> => {
    while (index < databases) await makePod(client, placeOf(index++));
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

async function makePod(client: HttpClient, { namespace, name }: { namespace: string; name: string }): Promise<void> {
  const set = await client.get({ resource: resources.StatefulSet, namespace, name });
  if (set === undefined) throw new Error(`there is no StatefulSet ${namespace}/${name}`);
  const { template, volumeClaimTemplates } = set['spec'] as Shape;
  const [claim] = volumeClaimTemplates;
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid: set.metadata.uid ?? '', controller: true },
  ];
  const data = { name: 'data', persistentVolumeClaim: { claimName: `data-${name}-0` } };
  if (claim !== undefined)
    await client.create(resources.PersistentVolumeClaim, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: `data-${name}-0`, namespace, ...(claim.metadata.labels && { labels: claim.metadata.labels }) },
      spec: claim.spec,
    });
  await client.create(resources.Pod, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: `${name}-0`, namespace, ownerReferences },
    spec: { ...template.spec, volumes: [...(template.spec.volumes ?? []), data] },
  });
}
