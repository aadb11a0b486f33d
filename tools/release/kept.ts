/** What a version stores of an object, and the part of a Database's StatefulSet that later versions must leave as it is. */
import { completeDatabase, completeObject } from '../../src/admission/defaults.ts';
import type { KubernetesObject } from '../../src/api/object.ts';
import { applySchemaDefaults } from '../../src/api/schema.ts';
import type { Database, OwnKindName } from '../../src/api/types.generated.ts';
import { desiredObjects } from '../../src/desired/index.ts';
import { podHashAnnotation } from '../../src/desired/names.ts';
import type { PodTemplate } from '../../src/desired/pod-template.ts';
import { engineByName } from '../../src/engines/index.ts';

export interface Kept {
  /** File that the object comes from. */
  readonly name: string;
  readonly object: KubernetesObject;
  /** Absent for what makes no pods. */
  readonly podHash?: string;
  /** For the eyes of who looks for the difference. */
  readonly pod?: PodTemplate;
  /** Fields that the API server lets nobody change. */
  readonly immutable?: Readonly<Record<string, unknown>>;
}

/** After defaults of schema and webhook. */
export const stored = (object: KubernetesObject): KubernetesObject =>
  completeObject(object.kind as OwnKindName, applySchemaDefaults(object.kind as OwnKindName, object));

export function lasting(object: KubernetesObject): Pick<Kept, 'podHash' | 'pod' | 'immutable'> {
  if (object.kind !== 'Database') return {};
  const database = completeDatabase(object as Database);
  const engine = engineByName(String(database.spec.engine));
  if (engine === undefined) throw new Error(`${object.metadata.name} has no engine`);
  const { objects } = desiredObjects(database, engine, { ownerUid: 'uid' });
  const set = objects.find(({ resource }) => resource.kind === 'StatefulSet')?.object;
  if (set === undefined) return {};
  const { template, ...spec } = set['spec'] as Readonly<Record<string, unknown>> & { readonly template: PodTemplate };
  const { serviceName, selector, podManagementPolicy, volumeClaimTemplates } = spec;
  return {
    podHash: template.metadata.annotations[podHashAnnotation] ?? '',
    pod: template,
    immutable: { serviceName, selector, podManagementPolicy, volumeClaimTemplates },
  };
}
