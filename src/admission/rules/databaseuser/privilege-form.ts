import type { DatabaseUser } from '../../../api/types.generated.ts';
import { privilegeForm } from '../checks/privileges.ts';
import type { Rule } from '../../rule.ts';
import { databaseUser, writes } from '../examples.ts';

export const privilegeGrammar: Rule<DatabaseUser> = {
  id: 'DU020',
  title: 'a privilege is a preset or a grant',
  kind: 'DatabaseUser',
  on: writes,
  needs: 'spec.privileges',
  why: 'A preset and a list of rights at once could contradict each other.',
  remedy: 'Give either preset or grant; narrow only a grant.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => privilegeForm(object.spec.privileges ?? []),
  accepted: [
    { title: 'a preset', object: databaseUser({ privileges: [{ preset: 'readwrite', schema: 'public' }] }) },
    { title: 'named rights', object: databaseUser({ privileges: [{ grant: ['SELECT'], table: 'orders' }] }) },
  ],
  refused: [
    { title: 'both', object: databaseUser({ privileges: [{ preset: 'readonly', grant: ['SELECT'] }] }) },
    { title: 'neither', object: databaseUser({ privileges: [{ database: 'orders' }] }) },
    { title: 'a preset on a table', object: databaseUser({ privileges: [{ preset: 'readonly', table: 'orders' }] }) },
  ],
};
