/** webhook-config/operator: the operator itself, for a cluster where cert-manager makes the certificate. */
import { operatorRbac, operatorWorkload } from './operator-deployment.ts';
import { generatedMark, toYaml } from './yaml.ts';

/** The tag under which a release's image is published. */
export const imageOf = (version: string): string => `database-operator:v${version}`;

/** File (from the root) → text. */
export const operatorManifests = (version: string): readonly (readonly [string, string])[] => [
  ['webhook-config/operator/rbac.yaml', `${generatedMark}${toYaml(operatorRbac())}`],
  ['webhook-config/operator/deployment.yaml', `${generatedMark}${toYaml(operatorWorkload(imageOf(version)))}`],
];
