import type { Database } from '../../../api/types.generated.ts';
import { engines } from '../../../engines/index.ts';
import { inferFromImage } from '../../../engines/infer.ts';
import { invalid } from '../../field.ts';
import { versionsAgree } from '../../spellings.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const imageAgrees: Rule<Database> = {
  id: 'DB021',
  title: 'image agrees with engine and version',
  kind: 'Database',
  on: writes,
  needs: 'spec.image',
  why: 'What runs is the image; engine and version only say what is expected of it. Where they disagree, one of them is a mistake.',
  remedy: 'Change the image together with engine and version, or remove it: the public image of the version is used.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { image, engine, version } = object.spec;
    const guess = image === undefined ? undefined : inferFromImage(engines, image);
    if (guess === undefined) return [];
    if (engine !== undefined && guess.engine.name !== engine) {
      return [
        invalid(
          'spec.image',
          image,
          `is an image of ${guess.engine.name}, but spec.engine is ${engine}; change one of them or remove image`,
        ),
      ];
    }
    if (guess.version === undefined || version === undefined || versionsAgree(guess.version, version)) return [];
    return [
      invalid(
        'spec.image',
        image,
        `is version ${guess.version}, but spec.version is "${version}"; change one of them or remove image`,
      ),
    ];
  },
  accepted: [
    { title: 'the same version', object: database({ version: '17.2', image: 'postgres:17.2-alpine' }) },
    { title: 'a tag within the line', object: database({ version: '17', image: 'postgres:17.2' }) },
  ],
  refused: [
    { title: 'another engine', object: database({ image: 'mysql:8.4' }) },
    { title: 'another version', object: database({ image: 'postgres:16' }) },
  ],
};
