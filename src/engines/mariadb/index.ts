import type { Engine } from '../engine.ts';
import { optionName } from '../my-cnf.ts';
import { connectionUri } from '../uri.ts';
import { catalogue } from './catalogue.ts';
import { checks } from './checks.ts';
import { ownedParameters, renderConfig } from './config.ts';
import { databaseIdentifier, userIdentifier } from './identifiers.ts';

export const mariadb: Engine = {
  name: 'mariadb',
  title: 'MariaDB',
  port: 3306,
  catalogue,
  imageRepositories: ['mariadb', 'bitnami/mariadb', 'bitnamilegacy/mariadb'],
  image: (version) => `mariadb:${version}`,
  databaseIdentifier,
  userIdentifier,
  ownedParameters,
  configFileName: 'my.cnf',
  renderConfig,
  // The file is read at start only.
  parameterChange: () => ({ needs: 'restart' }),
  parameterName: optionName,
  // Client libraries know MariaDB by MySQL's scheme too.
  connectionUri: (parts) => connectionUri('mysql', parts),
  checks,
};
