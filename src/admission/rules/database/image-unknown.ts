import type { Database } from '../../../api/types.generated.ts';
import { engines } from '../../../engines/index.ts';
import { inferFromImage } from '../../../engines/infer.ts';
import { parseImage } from '../../../values/image.ts';
import { notChecked } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const imageUnknown: Rule<Database> = {
  id: 'DB023',
  title: 'image can not be checked against the version',
  kind: 'Database',
  on: writes,
  needs: 'spec.image',
  why: 'From an unknown repository, or from a digest, nobody can tell which engine and version is inside.',
  remedy: 'Make sure that it holds the engine and the version that the object names.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const { image, engine, version } = object.spec;
    if (image === undefined || engine === undefined || version === undefined) return [];
    const reference = parseImage(image);
    if (reference === undefined) return [];
    const guess = inferFromImage(engines, image);
    if (guess?.version !== undefined) return [];
    if (
      guess !== undefined &&
      (reference.tag === undefined || reference.tag === 'latest') &&
      reference.digest === undefined
    )
      return [];
    return [notChecked('spec.image', `whether ${image} holds ${engine} ${version}`)];
  },
  accepted: [
    { title: 'a mirror of a known image', object: database({ image: 'registry.example.org/mirror/postgres:17' }) },
  ],
  refused: [{ title: "an image of one's own", object: database({ image: 'registry.example.org/team/store:3' }) }],
};
