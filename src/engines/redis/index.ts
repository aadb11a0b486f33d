import type { Engine } from '../engine.ts';
import { connectionUri } from '../uri.ts';
import { catalogue } from './catalogue.ts';
import { checks } from './checks.ts';
import { ownedParameters, renderConfig } from './config.ts';
import { databaseIdentifier, userIdentifier } from './identifiers.ts';
import { redisRuntime } from './runtime.ts';

const table: Engine = {
  name: 'redis',
  title: 'Redis',
  port: 6379,
  catalogue,
  imageRepositories: ['redis', 'bitnami/redis', 'bitnamilegacy/redis'],
  image: (version) => `redis:${version}`,
  databaseIdentifier,
  userIdentifier,
  ownedParameters,
  configFileName: 'redis.conf',
  renderConfig,
  // The file is read at start only.
  parameterChange: () => ({ needs: 'restart' }),
  settingLine: /^([a-z][a-z0-9-]*) (.*)$/,
  // Databases are numbered: applications use the first.
  connectionUri: (parts) => connectionUri('redis', { ...parts, database: '0' }),
  checks,
};

export const redis: Engine = { ...table, runtime: redisRuntime(table) };
