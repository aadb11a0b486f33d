/** `<name>-config` (the engine's own file) and `<name>-scripts` (what the pods run). */
import type { KubernetesObject } from '../api/object.ts';
import { ConfigMap } from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import type { Engine } from '../engines/engine.ts';
import { bytesOf } from '../values/quantity-use.ts';
import { child, type Input } from './context.ts';
import { stableHash } from './hash.ts';
import { configMapName, engineScript, scriptsName } from './names.ts';

/** When admission has not completed it: product default. */
export const defaultSize = '10Gi';

export const storageSize = (database: Database): string =>
  String(database.spec.storage?.size ?? database.spec.size ?? defaultSize);

/** The engine's configuration file, sized to the memory limit and the volume. */
export const renderedConfig = (database: Database, engine: Engine): string =>
  engine.renderConfig(database, {
    memoryBytes: bytesOf(database.spec.resources?.limits?.['memory']),
    volumeBytes: bytesOf(storageSize(database)) ?? bytesOf(defaultSize) ?? 0,
  });

export const configMap = (input: Input): KubernetesObject =>
  child(input, ConfigMap, configMapName(input.database.metadata.name), {
    data: { [input.engine.configFileName]: renderedConfig(input.database, input.engine) },
  });

export function scriptsConfigMap(input: Input): KubernetesObject {
  const { database, engine } = input;
  const data = {
    ...engine.runtime?.scripts(database),
    ...(engine.runtime?.backup && { [engineScript]: engine.runtime.backup.script }),
  };
  return child(input, ConfigMap, scriptsName(database.metadata.name), { data });
}

const assignment = /^([A-Za-z_][\w.$-]*)\s*=\s*(.*)$/;

/**
 * Hash of the settings that need a restart, read from the rendered file: a change of any other is reloaded and leaves
 * the pods alone.
 */
export function restartConfigHash(database: Database, engine: Engine): string {
  const settings = renderedConfig(database, engine)
    .split('\n')
    .map((line) => (engine.settingLine ?? assignment).exec(line))
    .filter((match) => match !== null)
    .filter(([, name = '']) => engine.parameterChange(name).needs === 'restart')
    .map(([, name = '', value = '']) => [name, value]);
  return stableHash(settings);
}
