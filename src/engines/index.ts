/** The engines, in the order in which an ambiguous version is given to them. */
import type { Engine, EngineName } from './engine.ts';
import { mariadb } from './mariadb/index.ts';
import { mongodb } from './mongodb/index.ts';
import { mysql } from './mysql/index.ts';
import { postgresql } from './postgresql/index.ts';
import { redis } from './redis/index.ts';

export const engines: readonly Engine[] = [postgresql, mysql, mariadb, mongodb, redis];

export const engineNames: readonly EngineName[] = engines.map((engine) => engine.name);

const byName: ReadonlyMap<string, Engine> = new Map(engines.map((engine) => [engine.name, engine]));

export const engineByName = (name: string): Engine | undefined => byName.get(name);
