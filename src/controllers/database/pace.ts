/**
 * Which steps may be taken now. A plan names everything that a change needs; a pass takes what is safe at this moment and
 * the next event brings the next pass. Servers restart one at a time and only while all others answer, except one that does
 * not answer itself: it has nothing to lose, and a bad change is healed by what replaces it.
 */
import type { KubernetesObject } from '../../api/object.ts';
import type { Database } from '../../api/types.generated.ts';
import { isReady, keyOfRef, ordinalOf } from '../../planning/observed.ts';
import type { Step } from '../../planning/step.ts';
import { windowState } from '../../planning/window.ts';

export interface Pace {
  readonly now: readonly Step[];
  /** Why others wait, in words. */
  readonly waiting: readonly string[];
  readonly requeueAfterSeconds?: number;
}

export function pace(steps: readonly Step[], database: Database, pods: readonly KubernetesObject[], now: Date): Pace {
  const going = new Set(steps.filter(({ action }) => action === 'delete').map(({ ref }) => keyOfRef(ref)));
  const others = steps.filter(
    (step) => step.action !== 'restartPod' && (step.action === 'delete' || !going.has(keyOfRef(step.ref))),
  );
  const restarts = steps.filter((step) => step.action === 'restartPod');
  if (restarts.length === 0) return { now: others, waiting: [] };
  // The template of the restarted pod must be the one that is wanted.
  const setChanges = others.some(({ ref }) => ref.resource.kind === 'StatefulSet');
  if (setChanges) return { now: others, waiting: restarts.map(({ why }) => why) };
  const window = windowState(database.spec.maintenanceWindow, now);
  const members = pods.filter((pod) => ordinalOf(database.metadata.name, pod.metadata.name) !== undefined);
  const restart = restarts.find((step) => mayRestart(step, members, database, window.open));
  const held = restarts.filter((step) => step !== restart);
  return {
    now: restart === undefined ? others : [...others, restart],
    waiting: held.map(({ why }) => (window.open ? why : `${why}, in the maintenance window`)),
    ...(!window.open && window.opensInSeconds !== undefined && { requeueAfterSeconds: window.opensInSeconds }),
  };
}

function mayRestart(
  step: Step,
  members: readonly KubernetesObject[],
  database: Database,
  windowOpen: boolean,
): boolean {
  const pod = members.find(({ metadata }) => metadata.name === step.ref.name);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return false;
  if (!isReady(pod)) return true;
  const wanted = database.spec.replicas ?? 1;
  const othersReady = members.filter((other) => other !== pod && isReady(other)).length;
  return windowOpen && othersReady >= wanted - 1;
}
