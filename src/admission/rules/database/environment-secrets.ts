import type { Database } from '../../../api/types.generated.ts';
import { exposedSecrets } from '../checks/pod-knobs.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

export const environmentSecrets: Rule<Database> = {
  id: 'DB128',
  title: 'environment shows a secret',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.env',
  why: 'Everyone who may read Databases can read the value, and it stands in every backup of the cluster.',
  remedy: 'Keep secrets in Secrets.',
  since: '0.1.0',
  severity: 'warn',
  check: ({ object }) => exposedSecrets('spec.podTemplate.env', object.spec.podTemplate?.env ?? []),
  accepted: [{ title: 'no secret', object: pod({ env: [{ name: 'TZ', value: 'UTC' }] }) }],
  refused: [{ title: 'a token', object: pod({ env: [{ name: 'VAULT_TOKEN', value: 'abc' }] }) }],
};
