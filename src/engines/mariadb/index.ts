import type { Engine } from '../engine.ts';
import { mysqlFamilyRuntime } from '../mysql-family/runtime.ts';
import { optionName } from '../my-cnf.ts';
import { connectionUri } from '../uri.ts';
import { dialect } from './boot-dialect.ts';
import { catalogue } from './catalogue.ts';
import { checks } from './checks.ts';
import { ownedParameters, renderConfig } from './config.ts';
import { databaseIdentifier, userIdentifier } from './identifiers.ts';
import { topology } from './topology.ts';
import { userWords } from './users.ts';
import { backupWords, probeWords } from './words.ts';

const table: Engine = {
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

export const mariadb: Engine = {
  ...table,
  runtime: mysqlFamilyRuntime(table, { dialect, probes: probeWords, backup: backupWords, topology, users: userWords }),
};
