/** Names of the application's database and user: as written, else the object's name made safe for the engine. */
import type { Database } from '../api/types.generated.ts';
import { makeSafeIdentifier } from '../values/names.ts';
import type { Engine } from './engine.ts';

export const applicationDatabase = (database: Database, engine: Pick<Engine, 'databaseIdentifier'>): string =>
  database.spec.databaseName ?? makeSafeIdentifier(database.metadata.name, engine.databaseIdentifier);

export const applicationUser = (database: Database, engine: Pick<Engine, 'userIdentifier'>): string =>
  database.spec.username ?? makeSafeIdentifier(database.metadata.name, engine.userIdentifier);
