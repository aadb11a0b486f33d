/** Volumes and credentials: their contents are never overwritten, labels and owners follow, volumes only grow. */
import type { KubernetesObject, ObjectRef } from '../api/object.ts';
import { PersistentVolumeClaim, refOf } from '../api/resources.ts';
import { bytesOf } from '../values/quantity-use.ts';
import { requestedStorage } from './observed.ts';
import type { PatchStep, Step } from './step.ts';

type Operation = PatchStep['patch'][number];

const escape = (key: string): string => key.replace(/~/g, '~0').replace(/\//g, '~1');

/** Labels and our owner reference as in `wanted`; for a claim its size too. */
export function syncMetadata(ref: ObjectRef, live: KubernetesObject, wanted: KubernetesObject): readonly Step[] {
  const patch = [...labelOperations(live, wanted), ...ownerOperations(live, wanted)];
  const grown = ref.resource.kind === 'PersistentVolumeClaim' ? growth(live, requestedStorage(wanted)) : [];
  if (patch.length === 0) return grown;
  const why = `labels or owner of ${ref.resource.kind} ${ref.name} differ`;
  return [{ action: 'patch', ref, patch: [isStill(live), ...patch], impact: 'none', why }, ...grown];
}

const isStill = (live: KubernetesObject): Operation => ({
  op: 'test',
  path: '/metadata/uid',
  value: live.metadata.uid,
});

function labelOperations(live: KubernetesObject, wanted: KubernetesObject): readonly Operation[] {
  const missing = Object.entries(wanted.metadata.labels ?? {}).filter(
    ([key, value]) => live.metadata.labels?.[key] !== value,
  );
  if (missing.length === 0) return [];
  if (live.metadata.labels === undefined)
    return [{ op: 'add', path: '/metadata/labels', value: Object.fromEntries(missing) }];
  return missing.map(([key, value]) => ({ op: 'add', path: `/metadata/labels/${escape(key)}`, value }));
}

/** Owners are compared by the kind Database: no other owner of ours exists, and other people's stay. */
function ownerOperations(live: KubernetesObject, wanted: KubernetesObject): readonly Operation[] {
  const owners = live.metadata.ownerReferences ?? [];
  const [ours] = wanted.metadata.ownerReferences ?? [];
  const index = owners.findIndex(({ kind }) => kind === 'Database');
  if (ours === undefined) {
    if (index < 0) return [];
    const path = `/metadata/ownerReferences/${index}`;
    return [
      { op: 'test', path: `${path}/uid`, value: owners[index]?.uid },
      { op: 'remove', path },
    ];
  }
  if (owners[index]?.uid === ours.uid) return [];
  if (owners.length === 0) return [{ op: 'add', path: '/metadata/ownerReferences', value: [ours] }];
  return index < 0 ? [{ op: 'add', path: '/metadata/ownerReferences/-', value: ours }] : [];
}

/** Each claim that asks for less than `storage` asks for that from now on. Larger ones are left alone. */
export const growClaims = (claims: readonly KubernetesObject[], storage: string): readonly Step[] =>
  claims.flatMap((claim) => growth(claim, storage));

function growth(claim: KubernetesObject, wanted: string | number | undefined): readonly Step[] {
  const current = requestedStorage(claim);
  const [from, to] = [bytesOf(current), bytesOf(wanted)];
  if (from === undefined || to === undefined || to <= from || claim.metadata.deletionTimestamp !== undefined) return [];
  const path = '/spec/resources/requests/storage';
  return [
    {
      action: 'patch',
      ref: refOf(PersistentVolumeClaim, claim),
      patch: [isStill(claim), { op: 'test', path, value: current }, { op: 'replace', path, value: wanted }],
      impact: 'none',
      why: `volume ${claim.metadata.name} grows from ${current ?? ''} to ${wanted ?? ''}`,
    },
  ];
}
