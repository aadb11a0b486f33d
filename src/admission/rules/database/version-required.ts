import type { Database } from '../../../api/types.generated.ts';
import { newestOf } from '../../../engines/catalogue.ts';
import { parseImage } from '../../../values/image.ts';
import { required } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

export const versionRequired: Rule<Database> = {
  id: 'DB010',
  title: 'version is given',
  kind: 'Database',
  on: writes,
  why: 'A version that is chosen silently changes with the operator, and data files belong to one version.',
  remedy: 'Set spec.version, or an image whose tag is a version.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    if (object.spec.version !== undefined) return [];
    const newest = engineOf(object)?.catalogue.lines.at(-1);
    const example = newest === undefined ? '' : `, such as "${newest.line}" or "${newestOf(newest)}"`;
    const image = object.spec.image === undefined ? undefined : parseImage(object.spec.image);
    const blame =
      image === undefined
        ? ''
        : image.tag === undefined && image.digest !== undefined
          ? 'a digest does not tell the version: '
          : `the tag "${image.tag ?? 'latest'}" does not tell the version: `;
    return [required('spec.version', `${blame}set a version${example}`)];
  },
  accepted: [
    { title: 'a version', object: database() },
    { title: 'taken from the tag', object: database({ version: undefined, image: 'postgres:16.3-alpine' }) },
  ],
  refused: [
    { title: 'no version', object: database({ version: undefined }) },
    { title: 'a tag that moves', object: database({ version: undefined, image: 'postgres:latest' }) },
    {
      title: 'a digest alone',
      object: database({ version: undefined, image: `postgres@sha256:${'0'.repeat(64)}` }),
    },
  ],
};
