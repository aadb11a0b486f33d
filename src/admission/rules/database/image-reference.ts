import type { Database } from '../../../api/types.generated.ts';
import { parseImage } from '../../../values/image.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

export const imageReference: Rule<Database> = {
  id: 'DB020',
  title: 'image is a reference',
  kind: 'Database',
  on: writes,
  needs: 'spec.image',
  why: 'A node can not pull what is no image reference: the pods would stay in InvalidImageName.',
  remedy: 'Write [host[:port]/]repository[:tag][@digest], in lower case.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { image } = object.spec;
    if (image === undefined || parseImage(image) !== undefined) return [];
    const lower = image.trim().toLowerCase();
    const hint = lower !== image && parseImage(lower) !== undefined ? `; did you mean "${lower}"?` : '';
    return [
      invalid('spec.image', image, `must be [host[:port]/]repository[:tag][@digest], such as postgres:17${hint}`),
    ];
  },
  accepted: [
    {
      title: 'a private registry with a port',
      object: database({ image: 'registry.example.org:5000/mirror/postgres:17.2' }),
    },
  ],
  refused: [{ title: 'capitals in the repository', object: database({ image: 'Postgres:17' }) }],
};
