/** What a scenario looks at when all is quiet. */
import assert from 'node:assert/strict';
import type { KubernetesObject, Resource } from '../../src/api/object.ts';
import * as resources from '../../src/api/resources.ts';
import { isReady } from './statefulset.ts';
import type { Simulation } from './simulation.ts';

export const childrenOf = (simulation: Simulation, name: string): string[] =>
  simulation.world
    .everything()
    .filter(
      ({ resource, object }) =>
        resource.kind !== 'Event' && object.metadata.labels?.['database.example.com/name'] === name,
    )
    .map(({ resource, object }) => `${resource.kind}/${object.metadata.name}`)
    .sort();

/** The objects that every running Database has. */
export function assertComplete(simulation: Simulation, name: string, replicas: number): void {
  const wanted: [Resource, string][] = [
    [resources.ServiceAccount, name],
    [resources.Secret, `${name}-secret`],
    [resources.Secret, `${name}-internal`],
    [resources.ConfigMap, `${name}-config`],
    [resources.ConfigMap, `${name}-scripts`],
    [resources.ConfigMap, `${name}-topology`],
    [resources.Service, name],
    [resources.Service, `${name}-primary`],
    [resources.Service, `${name}-readonly`],
    [resources.Service, `${name}-headless`],
    [resources.NetworkPolicy, name],
    [resources.PodDisruptionBudget, name],
    [resources.StatefulSet, name],
  ];
  for (const [resource, child] of wanted)
    assert.ok(simulation.find(resource, child), `${resource.kind} ${child} exists`);
  const pods = podsOf(simulation, name);
  assert.equal(pods.filter(isReady).length, replicas, `${String(replicas)} servers answer`);
  const roles = pods.map((pod) => pod.metadata.labels?.['role']);
  assert.equal(roles.filter((role) => role === 'primary').length, 1, 'one pod is labelled primary');
  assert.equal(roles.filter((role) => role === 'replica').length, replicas - 1, 'the others are labelled replica');
  const hash = templateOf(simulation, name);
  for (const pod of pods)
    assert.equal(pod.metadata.annotations?.['database.example.com/pod-hash'], hash, 'pods are as the template');
}

export const podsOf = (simulation: Simulation, name: string): KubernetesObject[] =>
  simulation.world.list(resources.Pod).filter((pod) => pod.metadata.labels?.['app.kubernetes.io/instance'] === name);

function templateOf(simulation: Simulation, name: string): string | undefined {
  const set = simulation.find(resources.StatefulSet, name);
  const { template } = set?.['spec'] as { template: { metadata: { annotations: Record<string, string> } } };
  return template.metadata.annotations['database.example.com/pod-hash'];
}

/** The application's password, or undefined. */
export function passwordIn(simulation: Simulation, secret: string): string | undefined {
  const { password } = (simulation.find(resources.Secret, secret)?.['data'] ?? {}) as { password?: string };
  return password;
}

export const claimsOf = (simulation: Simulation, name: string): KubernetesObject[] =>
  simulation.world
    .list(resources.PersistentVolumeClaim)
    .filter((claim) => claim.metadata.labels?.['database.example.com/name'] === name);

export const condition = (
  simulation: Simulation,
  name: string,
  type: string,
): { status: string; reason: string; message: string } | undefined =>
  simulation.database(name)?.status?.conditions?.find((one) => one.type === type);

export const eventReasons = (simulation: Simulation): string[] =>
  simulation.world.list(resources.Event).map((event) => String(event['reason']));
