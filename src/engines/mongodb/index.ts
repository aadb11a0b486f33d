import type { Engine } from '../engine.ts';
import { connectionUri } from '../uri.ts';
import { catalogue } from './catalogue.ts';
import { checks } from './checks.ts';
import { ownedParameters, parameterName, renderConfig } from './config.ts';
import { databaseIdentifier, userIdentifier } from './identifiers.ts';
import { mongodbRuntime } from './runtime.ts';

const table: Engine = {
  name: 'mongodb',
  title: 'MongoDB',
  port: 27017,
  catalogue,
  imageRepositories: [
    'mongo',
    'mongodb/mongodb-community-server',
    'mongodb/mongodb-enterprise-server',
    'bitnami/mongodb',
    'bitnamilegacy/mongodb',
  ],
  image: (version) => `mongo:${version}`,
  databaseIdentifier,
  userIdentifier,
  ownedParameters,
  configFileName: 'mongod.conf',
  renderConfig,
  // The file is read at start only.
  parameterChange: () => ({ needs: 'restart' }),
  settingLine: /^ *([A-Za-z]\w*): ?(.*)$/,
  parameterName,
  connectionUri: (parts) => connectionUri('mongodb', parts),
  checks,
};

export const mongodb: Engine = { ...table, runtime: mongodbRuntime(table) };
