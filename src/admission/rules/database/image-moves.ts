import type { Database } from '../../../api/types.generated.ts';
import { parseImage } from '../../../values/image.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const imageMoves: Rule<Database> = {
  id: 'DB022',
  title: 'image tag moves',
  kind: 'Database',
  on: writes,
  needs: 'spec.image',
  why: 'The tag latest becomes another major version one day; a pod that restarts after that can not read its data files.',
  remedy: 'Name a version in the tag, or pin a digest.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const image = object.spec.image === undefined ? undefined : parseImage(object.spec.image);
    if (image === undefined || image.digest !== undefined) return [];
    if (image.tag !== undefined && image.tag !== 'latest') return [];
    const what = image.tag === undefined ? 'has no tag, which means latest' : 'has the tag latest';
    return [
      warning(
        'spec.image',
        `${what}: a restart may pull another major version that can't read the data; name a version`,
      ),
    ];
  },
  accepted: [{ title: 'a version', object: database({ image: 'postgres:17.2' }) }],
  refused: [{ title: 'latest', object: database({ image: 'postgres:latest' }) }],
};
