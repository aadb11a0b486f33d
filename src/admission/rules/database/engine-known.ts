import type { Database } from '../../../api/types.generated.ts';
import { engineByName, engineNames } from '../../../engines/index.ts';
import { closest } from '../../../values/nearest.ts';
import { notSupported, required } from '../../field.ts';
import { getIn } from '../../json.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

/** What people call them. */
const nicknames: Readonly<Record<string, string>> = {
  postgres: 'postgresql',
  pg: 'postgresql',
  mongo: 'mongodb',
  maria: 'mariadb',
};

export const engineKnown: Rule<Database> = {
  id: 'DB001',
  title: 'engine is known',
  kind: 'Database',
  on: writes,
  why: 'Everything else depends on the engine; a misspelt one can only fail later, and less clearly.',
  remedy: `Set spec.engine to one of ${engineNames.join(', ')}, or give an image or a version from which it can be inferred.`,
  since: '0.1.0',
  severity: 'deny',
  check({ object, written }) {
    for (const name of ['engine', 'type'] as const) {
      const value: string | undefined = object.spec[name];
      if (value === undefined || engineByName(value) !== undefined) continue;
      const word = value.toLowerCase();
      const nearest = Object.hasOwn(nicknames, word) ? nicknames[word] : closest(value, engineNames);
      return [notSupported(`spec.${name}`, value, engineNames, nearest)];
    }
    if (object.spec.engine !== undefined) return [];
    const { version, image } = object.spec;
    // Of a wrong type: the schema says so, and what would be inferred is not known.
    const isHidden = (name: 'version' | 'image' | 'type'): boolean =>
      object.spec[name] === undefined && getIn(written, ['spec', name]) !== undefined;
    if (isHidden('version') || isHidden('image') || isHidden('type')) return [];
    if (version !== undefined) {
      return [
        required('spec.engine', `no engine has version ${version}: set engine to one of ${engineNames.join(', ')}`),
      ];
    }
    const unknownImage = image === undefined ? '' : `the image ${image} tells neither engine nor version: `;
    return [required('spec.engine', `${unknownImage}set engine to one of ${engineNames.join(', ')}`)];
  },
  accepted: [
    { title: 'the engine by name', object: database() },
    {
      title: 'inferred from the image',
      object: database({ engine: undefined, version: undefined, image: 'postgres:14' }),
    },
  ],
  refused: [
    { title: 'a nickname', object: database({ engine: 'postgres' }) },
    { title: 'nothing from which it could be inferred', object: database({ engine: undefined, version: undefined }) },
  ],
};
