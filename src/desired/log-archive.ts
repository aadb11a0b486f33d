/**
 * Deployment `<name>-log`, which stores the log of changes: one pod of the agent, apart from the servers, so that switching it on
 * restarts none of them and none of them waits for it.
 */
import { logHealthPort } from '../api/backup-order.ts';
import type { KubernetesObject } from '../api/object.ts';
import { Deployment } from '../api/resources.ts';
import { archiveOrder } from './backup-orders.ts';
import { lastingPodSpec } from './backup-pod.ts';
import { backupPlace } from './backup.ts';
import { child, type Subject } from './context.ts';
import { canonicalJson } from './hash.ts';
import { labelsOf } from './labels.ts';
import { logName, orderAnnotation } from './names.ts';

/** Undefined where the agent's image is not known. No pod while the Database hibernates. */
export function logArchive(input: Subject): KubernetesObject | undefined {
  const { database, engine, context } = input;
  const { agentImage } = context;
  if (agentImage === undefined) return undefined;
  const { name } = database.metadata;
  const place = backupPlace(database);
  const order = archiveOrder(database, engine, { place, clusterDomain: context.clusterDomain });
  const labels = labelsOf(database, engine, 'log');
  const spec = {
    replicas: database.spec.hibernate === true ? 0 : 1,
    // Two would store everything twice.
    strategy: { type: 'Recreate' },
    revisionHistoryLimit: 1,
    selector: { matchLabels: { app: name, 'app.kubernetes.io/instance': name, 'app.kubernetes.io/component': 'log' } },
    template: {
      metadata: { labels, annotations: { [orderAnnotation]: canonicalJson(order) } },
      spec: lastingPodSpec({ database, engine, order, place, agentImage, labels }, logHealthPort),
    },
  };
  return child(input, Deployment, logName(name), { spec }, { component: 'log' });
}
