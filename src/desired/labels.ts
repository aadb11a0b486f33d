/**
 * Labels of children. The selector is immutable on a StatefulSet, so it holds nothing that can change: no version, no
 * engine. Claim templates are immutable too and carry no version.
 */
import type { Database } from '../api/types.generated.ts';
import type { Engine } from '../engines/engine.ts';
import { nameLabel } from './names.ts';

export type Labels = Readonly<Record<string, string>>;
export type Component = 'database' | 'backup' | 'log';

/** On pods of the servers, and in the selectors of everything that means them. */
export const selectorOf = (name: string): Labels => ({
  app: name,
  'app.kubernetes.io/instance': name,
  'app.kubernetes.io/component': 'database',
});

/** Found again when a Database of the same name returns; `engine` tells whether its data is of the right kind. */
export const lastingLabels = (database: Database, engine: Engine): Labels => ({
  ...selectorOf(database.metadata.name),
  engine: engine.name,
  'app.kubernetes.io/name': engine.name,
  'app.kubernetes.io/part-of': 'database-operator',
  'app.kubernetes.io/managed-by': 'database-operator',
  [nameLabel]: database.metadata.name,
});

export function labelsOf(database: Database, engine: Engine, component: Component = 'database'): Labels {
  const version = database.spec.version;
  return {
    ...lastingLabels(database, engine),
    'app.kubernetes.io/component': component,
    ...(version !== undefined && { version, 'app.kubernetes.io/version': version }),
  };
}
