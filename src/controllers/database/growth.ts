/** From what is observed to the question how large the volumes are to be (planning/growth.ts), and how that is told. */
import type { KubernetesObject } from '../../api/object.ts';
import type { Diagnosis } from '../../api/types.generated.ts';
import { storageSize } from '../../desired/configmaps.ts';
import { claimName, podName } from '../../desired/names.ts';
import { growth } from '../../planning/growth.ts';
import type { Growth } from '../../planning/growth.ts';
import { finding, saysNoRoom } from '../../status/diagnosis.ts';
import type { Frame } from './decide.ts';

export function askGrowth({ database, observation, context }: Frame): Growth {
  const { name } = database.metadata;
  const ordinals = Array.from({ length: database.spec.replicas ?? 1 }, (_, ordinal) => ordinal);
  const claims = ordinals.flatMap((ordinal) => {
    const claim = observation.claims.find(({ metadata }) => metadata.name === claimName(name, ordinal));
    return claim === undefined ? [] : [[podName(name, ordinal), claim] as const];
  });
  return growth({
    size: storageSize(database),
    autoGrow: database.spec.storage?.autoGrow,
    claims: new Map(claims),
    measured: observation.volumes,
    outOfRoom: observation.pods.filter(saysNoRoom).map(({ metadata }) => metadata.name),
    rigidClass: claims.map(([, claim]) => rigidClassOf(claim, context)).find((one) => one !== undefined),
  });
}

/** What is not known is tried. */
function rigidClassOf(claim: KubernetesObject, { facts }: Frame['context']): string | undefined {
  const { storageClassName } = (claim['spec'] ?? {}) as { storageClassName?: string };
  const classes = facts.storageClasses();
  const used = classes.known ? classes.value.find((one) => one.name === storageClassName) : undefined;
  return used?.allowVolumeExpansion === false ? used.name : undefined;
}

export const diagnoseGrowth = ({ held }: Growth): readonly Diagnosis[] =>
  held === undefined
    ? []
    : [finding('A volume is nearly full', `volumes of ${held.members.join(', ')}: ${held.why}`, held.action)];
