/** Settings of an engine by name, as Database and RedisCluster take them. */
import type { Engine } from '../../../engines/engine.ts';
import { ownedParameter } from '../../../engines/parameters.ts';
import { forbidden, invalid, keyOf } from '../../field.ts';
import type { Finding } from '../../finding.ts';
import type { IntOrString } from './quantity.ts';

type Parameters = Readonly<Record<string, IntOrString>>;

const nameForm = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;

export function parameterNames(field: string, parameters: Parameters): readonly Finding[] {
  return Object.keys(parameters)
    .filter((name) => !nameForm.test(name))
    .map((name) =>
      invalid(
        keyOf(field, name),
        name,
        'is no name of a setting: letters, digits, _, - and dots, beginning with a letter',
      ),
    );
}

const hasControl = (value: IntOrString): boolean => typeof value === 'string' && /\p{Cc}/u.test(value);

/** A line break would begin a second setting, one that nobody checked. */
export function parameterText(field: string, parameters: Parameters): readonly Finding[] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    hasControl(value)
      ? [invalid(keyOf(field, name), value, 'must not have line breaks or other control characters: it is one setting')]
      : [],
  );
}

export function parameterOwners(field: string, parameters: Parameters, engine: Engine): readonly Finding[] {
  return Object.keys(parameters).flatMap((name) => {
    const owned = ownedParameter(engine, name);
    return owned === undefined ? [] : [forbidden(keyOf(field, name), `the operator sets it; ${owned.instead}`)];
  });
}

/** Two spellings of one setting: the engine would take one of them, and nobody can say which. */
export function parameterTwice(field: string, parameters: Parameters, engine: Engine): readonly Finding[] {
  const spelled = new Map<string, string>();
  return Object.keys(parameters).flatMap((name) => {
    const normal = engine.parameterName?.(name) ?? name.toLowerCase();
    const first = spelled.get(normal);
    spelled.set(normal, first ?? name);
    if (first === undefined) return [];
    return [invalid(keyOf(field, name), name, `is another spelling of ${first}; keep one of them`)];
  });
}

export function parameterValues(field: string, parameters: Parameters, engine: Engine): readonly Finding[] {
  return Object.entries(parameters).flatMap(([name, value]) => {
    if (!nameForm.test(name) || hasControl(value)) return [];
    const fault = engine.checks.parameterFault(name, String(value), parameters);
    return fault === undefined ? [] : [invalid(keyOf(field, name), value, fault)];
  });
}
