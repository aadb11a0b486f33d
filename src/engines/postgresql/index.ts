import type { Engine } from '../engine.ts';
import { connectionUri } from '../uri.ts';
import { catalogue } from './catalogue.ts';
import { checks } from './checks.ts';
import { renderConfig } from './config.ts';
import { databaseIdentifier, userIdentifier } from './identifiers.ts';
import { ownedParameters, parameterChange } from './parameters.ts';
import { postgresqlRuntime } from './runtime.ts';

const table: Engine = {
  name: 'postgresql',
  title: 'PostgreSQL',
  port: 5432,
  catalogue,
  imageRepositories: [
    'postgres',
    'bitnami/postgresql',
    'bitnamilegacy/postgresql',
    'postgis/postgis',
    'ghcr.io/cloudnative-pg/postgresql',
  ],
  image: (version) => `postgres:${version}`,
  databaseIdentifier,
  userIdentifier,
  ownedParameters,
  configFileName: 'postgresql.conf',
  renderConfig,
  parameterChange,
  checks,
  connectionUri: (parts) => connectionUri('postgresql', parts),
};

export const postgresql: Engine = { ...table, runtime: postgresqlRuntime(table) };
