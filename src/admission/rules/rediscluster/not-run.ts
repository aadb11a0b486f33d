import type { RedisCluster } from '../../../api/types.generated.ts';
import { notRun } from '../checks/not-run.ts';
import type { Rule } from '../../rule.ts';
import { redisCluster } from '../examples.ts';

export const redisClusterNotRun: Rule<RedisCluster> = {
  id: 'RC001',
  title: 'kind is not run by this release',
  kind: 'RedisCluster',
  on: ['CREATE'],
  why: 'The object is checked and stored, but nothing is made of it until a later release of the operator.',
  remedy: 'Wait for the release that runs it: the object is picked up then.',
  since: '0.1.0',
  severity: 'warn',
  check: () => notRun('RedisCluster objects'),
  accepted: [{ title: 'an update says it no more', object: redisCluster(), oldObject: redisCluster() }],
  refused: [{ title: 'created', object: redisCluster() }],
};
