/** The pods' identity. They need none of the API, so no token is mounted. */
import type { KubernetesObject } from '../api/object.ts';
import { ServiceAccount } from '../api/resources.ts';
import { child, type Subject } from './context.ts';

export const serviceAccount = (input: Subject): KubernetesObject =>
  child(input, ServiceAccount, input.database.metadata.name, { automountServiceAccountToken: false });
