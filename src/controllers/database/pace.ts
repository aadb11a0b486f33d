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

/** What the members say, where there are several (planning/topology.ts). */
export interface Steadiness {
  /** The primary takes writes. */
  readonly writable: boolean;
  /** Everybody else, but for `except`, follows closely, and nothing is under way. */
  steady(except: string): boolean;
}

/** `peers` is absent for a lone server. */
export function pace(
  steps: readonly Step[],
  database: Database,
  pods: readonly KubernetesObject[],
  now: Date,
  peers?: Steadiness,
): Pace {
  const going = new Set(steps.filter(({ action }) => action === 'delete').map(({ ref }) => keyOfRef(ref)));
  const others = steps.filter(
    (step) => !disrupts(step) && (step.action === 'delete' || !going.has(keyOfRef(step.ref))),
  );
  const disruptions = steps.filter(disrupts);
  if (disruptions.length === 0) return { now: others, waiting: [] };
  // The template of the restarted pod must be the one that is wanted.
  const setChanges = others.some(({ ref }) => ref.resource.kind === 'StatefulSet');
  if (setChanges) return { now: others, waiting: disruptions.map(({ why }) => why) };
  const window = windowState(database.spec.maintenanceWindow, now);
  const members = pods.filter((pod) => ordinalOf(database.metadata.name, pod.metadata.name) !== undefined);
  const judge: Judge = { members, wanted: database.spec.replicas ?? 1, windowOpen: window.open, peers };
  const chosen = disruptions.find((step, index) => mayDisrupt(step, disruptions.slice(0, index), judge));
  const held = disruptions.filter((step) => step !== chosen);
  return {
    now: chosen === undefined ? others : [...others, chosen],
    waiting: held.map(({ why }) => (window.open ? why : `${why}, in the maintenance window`)),
    ...(!window.open && window.opensInSeconds !== undefined && { requeueAfterSeconds: window.opensInSeconds }),
  };
}

const disrupts = ({ action }: Step): boolean => action === 'restartPod' || action === 'switchover';

interface Judge {
  readonly members: readonly KubernetesObject[];
  readonly wanted: number;
  readonly windowOpen: boolean;
  readonly peers: Steadiness | undefined;
}

const isSteady = (peers: Steadiness | undefined, except: string): boolean => peers?.steady(except) ?? true;

function mayDisrupt(step: Step, before: readonly Step[], judge: Judge): boolean {
  const { members, wanted, windowOpen, peers } = judge;
  const { name } = step.ref;
  const pod = members.find(({ metadata }) => metadata.name === name);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return false;
  const othersReady = members.filter((other) => other !== pod && isReady(other)).length;
  const othersWell = othersReady >= wanted - 1 && isSteady(peers, name);
  // Replicas first, each until it follows again; then the switchover; the old primary after it.
  if (step.action === 'switchover') return windowOpen && before.length === 0 && peers?.writable === true && othersWell;
  const isPrimary = before.some(({ action, ref }) => action === 'switchover' && ref.name === name);
  return isPrimary ? !isReady(pod) && peers?.writable !== true : !isReady(pod) || (windowOpen && othersWell);
}
