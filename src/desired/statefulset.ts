/**
 * The servers. `OnDelete`, because the plan and not the ordinal says who restarts when. `Parallel`, because a member
 * that can't start must not keep another from coming back. Claims are never deleted by the StatefulSet's own controller.
 */
import type { KubernetesObject } from '../api/object.ts';
import { StatefulSet } from '../api/resources.ts';
import type { EngineRuntime } from '../engines/engine.ts';
import { storageSize } from './configmaps.ts';
import { child, type Input } from './context.ts';
import { lastingLabels, selectorOf } from './labels.ts';
import { headlessService } from './names.ts';
import { podTemplate } from './pod-template.ts';

/** Pods that should be there: none while hibernating. */
export const wantedPods = ({ database }: Pick<Input, 'database'>): number =>
  database.spec.hibernate === true ? 0 : (database.spec.replicas ?? 1);

export function statefulSet(input: Input, runtime: EngineRuntime): KubernetesObject {
  const { database, engine, context } = input;
  const { name } = database.metadata;
  const storageClass = database.spec.storage?.storageClass;
  const spec = {
    serviceName: headlessService(name),
    replicas: wantedPods(input),
    podManagementPolicy: 'Parallel',
    updateStrategy: { type: 'OnDelete' },
    revisionHistoryLimit: 3,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    selector: { matchLabels: selectorOf(name) },
    template: podTemplate(database, engine, runtime, context.recovering),
    volumeClaimTemplates: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', labels: lastingLabels(database, engine) },
        spec: {
          accessModes: ['ReadWriteOnce'],
          ...(storageClass !== undefined && { storageClassName: storageClass }),
          resources: { requests: { storage: context.claimSize ?? storageSize(database) } },
        },
      },
    ],
  };
  return child(input, StatefulSet, name, { spec });
}
