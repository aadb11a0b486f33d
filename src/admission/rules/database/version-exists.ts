import type { Database } from '../../../api/types.generated.ts';
import { parseVersion } from '../../../values/version.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { versionFault } from '../checks/versions.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

export const versionExists: Rule<Database> = {
  id: 'DB011',
  title: 'version exists',
  kind: 'Database',
  on: writes,
  why: 'There is no image of a version that was never released: the pods would wait for it for ever.',
  remedy: 'Take the version that the message names; for one that came out after this release, upgrade the operator.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { version } = object.spec;
    if (version === undefined) return [];
    if (parseVersion(version) === undefined) {
      return [invalid('spec.version', version, 'must be one to three numbers joined by dots, such as "17" or "16.3"')];
    }
    const engine = engineOf(object);
    if (engine === undefined) return [];
    const fault = versionFault(engine, version);
    return fault === undefined ? [] : [invalid('spec.version', version, fault)];
  },
  accepted: [
    { title: 'a line', object: database({ version: '14' }) },
    { title: 'a patch of it', object: database({ version: '13.8' }) },
    { title: 'MySQL 5.7', object: database({ engine: 'mysql', version: '5.7' }) },
  ],
  refused: [
    { title: 'a patch that never was', object: database({ version: '16.99' }) },
    { title: 'before the first release that is run', object: database({ version: '9.6' }) },
    { title: 'not a version', object: database({ version: 'v17' }) },
  ],
};
