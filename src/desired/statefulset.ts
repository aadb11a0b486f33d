/**
 * The servers. `OnDelete`, because the plan and not the ordinal says who restarts when. `Parallel`, because a member
 * that can't start must not keep another from coming back. Claims are never deleted by the StatefulSet's own controller.
 */
import type { KubernetesObject } from '../api/object.ts';
import { StatefulSet } from '../api/resources.ts';
import type { EngineRuntime } from '../engines/engine.ts';
import { storageSize } from './configmaps.ts';
import { child, type Input, type Subject } from './context.ts';
import { lastingLabels, selectorOf } from './labels.ts';
import { claimName, headlessService } from './names.ts';
import { podTemplate } from './pod-template.ts';

/** Pods that should be there: none while hibernating. */
export const wantedPods = ({ database }: Pick<Input, 'database'>): number =>
  database.spec.hibernate === true ? 0 : (database.spec.replicas ?? 1);

export function statefulSet(input: Input, runtime: EngineRuntime): KubernetesObject {
  const { database, context } = input;
  const { name } = database.metadata;
  const spec = {
    serviceName: headlessService(name),
    replicas: context.noServers === true ? 0 : wantedPods(input),
    podManagementPolicy: 'Parallel',
    updateStrategy: { type: 'OnDelete' },
    revisionHistoryLimit: 3,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    selector: { matchLabels: selectorOf(name) },
    template: podTemplate(input, runtime),
    volumeClaimTemplates: [dataClaimTemplate(input)],
  };
  return child(input, StatefulSet, name, { spec });
}

function dataClaimTemplate({ database, engine, context }: Subject): KubernetesObject {
  const storageClass = database.spec.storage?.storageClass;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', labels: lastingLabels(database, engine) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClass !== undefined && { storageClassName: storageClass }),
      resources: { requests: { storage: context.claimSize ?? storageSize(database) } },
    },
  };
}

/** The first member's, as the StatefulSet would make it: it takes what has the name. */
export function firstClaim(input: Subject): KubernetesObject {
  const template = dataClaimTemplate(input);
  const { name, namespace } = input.database.metadata;
  const metadata = { ...template.metadata, name: claimName(name, 0), ...(namespace !== undefined && { namespace }) };
  return { ...template, metadata };
}
