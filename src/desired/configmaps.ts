/** `<name>-config` (the engine's own file) and `<name>-scripts` (what the pods run). */
import type { KubernetesObject } from '../api/object.ts';
import { ConfigMap } from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import type { Engine, EngineRuntime } from '../engines/engine.ts';
import { bytesOf } from '../values/quantity-use.ts';
import { remembered } from '../values/remembered.ts';
import { child, type Input } from './context.ts';
import type { Fingerprint } from './hash.ts';
import { configMapName, engineScript, flushScript, scriptsName } from './names.ts';

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
    data: { [input.engine.configFileName]: input.config },
  });

export function scriptsConfigMap(input: Input): KubernetesObject {
  const { database, engine } = input;
  const data = {
    ...engine.runtime?.scripts(database),
    ...(engine.runtime && { [flushScript]: flush(engine.runtime) }),
    ...(engine.runtime?.backup && { [engineScript]: engine.runtime.backup.script }),
  };
  return child(input, ConfigMap, scriptsName(database.metadata.name), { data });
}

const flush = (runtime: EngineRuntime): string =>
  `#!/bin/sh
# Writes out what memory holds, before a snapshot of the volume. Written by database-operator; changes made here are put back.
set -- ${runtime.flush.map((word) => `'${word}'`).join(' ')}
${runtime.clientScript('superuser')}`;

const assignment = /^([A-Za-z_][\w.$-]*)\s*=\s*(.*)$/;

/**
 * Fingerprint of the settings that need a restart, read from the rendered file: a change of any other is reloaded and
 * leaves the pods alone.
 */
export function restartConfigHash(config: string, engine: Engine, fingerprint: Fingerprint): string {
  const read = lineReaders.get(engine) ?? remembered((line) => restartSetting(line, engine));
  lineReaders.set(engine, read);
  return fingerprint(config.split('\n').flatMap(read));
}

type Setting = readonly [name: string, value: string];

/** The lines of all files are much the same. */
const lineReaders = new WeakMap<Engine, (line: string) => readonly Setting[]>();

function restartSetting(line: string, engine: Engine): readonly Setting[] {
  const [, name, value = ''] = (engine.settingLine ?? assignment).exec(line) ?? [];
  return name !== undefined && engine.parameterChange(name).needs === 'restart' ? [[name, value]] : [];
}
