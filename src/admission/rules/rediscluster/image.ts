import type { RedisCluster } from '../../../api/types.generated.ts';
import { engines } from '../../../engines/index.ts';
import { inferFromImage } from '../../../engines/infer.ts';
import { redis } from '../../../engines/redis/index.ts';
import { parseImage } from '../../../values/image.ts';
import { invalid, notChecked } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { versionFault } from '../checks/versions.ts';
import { redisCluster, writes } from '../examples.ts';

export const redisClusterImage: Rule<RedisCluster> = {
  id: 'RC014',
  title: 'image is Redis',
  kind: 'RedisCluster',
  on: writes,
  needs: 'spec.image',
  why: 'Another server would not understand a word.',
  remedy: 'Name an image of Redis 6.0 or newer, such as redis:8.0.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const { image } = object.spec;
    if (image === undefined) return [];
    if (parseImage(image) === undefined)
      return [invalid('spec.image', image, 'must be [host[:port]/]repository[:tag][@digest], such as redis:8.0')];
    const guess = inferFromImage(engines, image);
    if (guess === undefined) return [notChecked('spec.image', `whether ${image} holds Redis`)];
    if (guess.engine !== redis)
      return [
        invalid('spec.image', image, `is an image of ${guess.engine.title}; name one of Redis, such as redis:8.0`),
      ];
    if (guess.version === undefined) return [];
    const fault = versionFault(redis, guess.version);
    return fault === undefined ? [] : [invalid('spec.image', image, fault)];
  },
  accepted: [{ title: 'Redis', object: redisCluster({ image: 'redis:8.0' }) }],
  refused: [
    { title: 'another engine', object: redisCluster({ image: 'postgres:17' }) },
    { title: 'a version before the first that is run', object: redisCluster({ image: 'redis:5.0' }) },
  ],
};
