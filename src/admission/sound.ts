/**
 * What planning relies on. An old fault is let pass by admission, and a new one is still an object that every rule sees: the
 * planner would make as many members as it is told.
 */
import type { KubernetesObject } from '../api/object.ts';
import { validateSchema } from '../api/schema.ts';
import type { OwnKindName } from '../api/types.generated.ts';
import { withPlainMetadata } from './metadata.ts';

export const isSound = (kind: OwnKindName, object: KubernetesObject): boolean =>
  validateSchema(kind, object).length === 0 && withPlainMetadata(object) === object;
