import type { Database } from '../../../api/types.generated.ts';
import { environmentFaults } from '../checks/pod-knobs.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

export const environment: Rule<Database> = {
  id: 'DB127',
  title: 'environment of the operator',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.env',
  why: 'These variables change where data lies or which libraries are loaded, past everything that was checked.',
  remedy: 'Use spec.config and spec.config.parameters.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) =>
    environmentFaults(
      'spec.podTemplate.env',
      object.spec.podTemplate?.env ?? [],
      engineOf(object)?.checks.ownedEnvironment ?? [],
    ),
  accepted: [{ title: 'a time zone', object: pod({ env: [{ name: 'TZ', value: 'UTC' }] }) }],
  refused: [
    { title: 'PGDATA', object: pod({ env: [{ name: 'PGDATA', value: '/tmp' }] }) },
    { title: 'a library', object: pod({ env: [{ name: 'LD_PRELOAD', value: '/tmp/x.so' }] }) },
  ],
};
