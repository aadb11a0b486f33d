/** Settings by name, as a user writes them in `spec.config.parameters`. */
import type { Engine, OwnedParameter } from './engine.ts';

type Named = Pick<Engine, 'ownedParameters' | 'parameterName'>;

/**
 * The entry of `ownedParameters` that covers a name, however it is spelled; an entry `net.tls.*` covers all below it.
 * Undefined when the user may set it.
 */
export function ownedParameter(engine: Named, name: string): OwnedParameter | undefined {
  const spelled = (engine.parameterName ?? lowerCase)(name);
  return engine.ownedParameters.find((owned) => covers((engine.parameterName ?? lowerCase)(owned.name), spelled));
}

const lowerCase = (name: string): string => name.toLowerCase();

const covers = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/** Several names that are owned for one reason. */
export const own = (names: string, instead: string): readonly OwnedParameter[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => ({ name, instead }));

/** What the user set and may set, by normal name, in the order written. Names that can't be ones are left out. */
export function userParameters(
  engine: Named,
  parameters: Readonly<Record<string, number | string>> | undefined,
  form: RegExp,
): ReadonlyMap<string, string> {
  const entries = Object.entries(parameters ?? {}).filter(
    ([name]) => name.length <= 128 && form.test(name) && ownedParameter(engine, name) === undefined,
  );
  return new Map(entries.map(([name, value]) => [(engine.parameterName ?? lowerCase)(name), String(value)]));
}
