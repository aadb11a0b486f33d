/** From texts on the command line and in the environment to typed values. */
import { parseArgs } from 'node:util';
import { flags, type Flag, type FlagName } from './flags.ts';
import { parseGoDuration } from './values/duration.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Values = Partial<Record<FlagName, string>>;

/** Values of flags as texts. */
export function fromEnvironment(env: Environment): Values {
  const values: Values = {};
  for (const flag of flags) {
    const value = flag.env === undefined ? undefined : env[flag.env];
    if (value !== undefined && (value !== '' || flag.kind === 'namespaces')) values[flag.name] = value;
  }
  return values;
}

/** As Go's flags: `--x=value`, `--x value`, and `--x` alone for a boolean. */
export function fromArguments(args: readonly string[], problems: string[]): Values {
  const booleans = new Set<string>(flags.filter(({ kind }) => kind === 'boolean').map(({ name }) => `--${name}`));
  const written = args.map((arg) => (booleans.has(arg) ? `${arg}=true` : arg));
  const options = Object.fromEntries(flags.map(({ name }) => [name, { type: 'string', multiple: true } as const]));
  const { values, tokens } = parseArgs({ args: written, options, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      problems.push(`unexpected argument ${JSON.stringify(token.value)}: a boolean flag is written --flag=false`);
    } else if (token.kind === 'option' && flagOf(token.name) === undefined) {
      problems.push(`unknown flag ${token.rawName}: see serve --help`);
    }
  }
  const result: Values = {};
  for (const { name, kind } of flags) {
    const given = values[name];
    if (!Array.isArray(given)) continue;
    const texts = given.filter((value) => typeof value === 'string');
    if (texts.length < given.length) problems.push(`--${name} needs a value`);
    const joins = kind === 'list' || kind === 'namespaces';
    const value = joins ? texts.join(',') : texts.at(-1);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

const flagOf = (name: string): Flag | undefined => flags.find((flag) => flag.name === name);

const namespacePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export interface FlagReader {
  text(name: FlagName): string;
  list(name: FlagName): readonly string[];
  namespaces(name: FlagName): readonly string[];
  boolean(name: FlagName): boolean;
  port(name: FlagName): number;
  integer(name: FlagName, least: number, most: number): number;
  choice<T extends string>(name: FlagName, choices: readonly [T, ...T[]]): T;
  /** Milliseconds. */
  duration(name: FlagName, fallback: number): number;
}

/** Reads texts as what they should be; a fault is added to `problems` and something harmless returned. */
export function reader(values: Values, problems: string[]): FlagReader {
  const text = (name: FlagName): string => values[name] ?? flagOf(name)?.default ?? '';
  const problem = (name: FlagName, expected: string): void => {
    const env = flagOf(name)?.env;
    const or = env === undefined ? '' : ` (or ${env})`;
    problems.push(`--${name}${or} is ${JSON.stringify(text(name))}: ${expected}`);
  };
  const list = (name: FlagName): readonly string[] => [
    ...new Set(
      text(name)
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
  ];
  const integer = (name: FlagName, least: number, most: number): number => {
    const value = /^\d+$/.test(text(name)) ? Number(text(name)) : Number.NaN;
    if (!(value >= least && value <= most)) problem(name, `a whole number from ${least} to ${most} is expected`);
    return value;
  };
  return {
    text,
    list,
    integer,
    port: (name) => integer(name, 0, 65_535),
    namespaces: (name) => {
      const names = list(name);
      const bad = names.filter((item) => !namespacePattern.test(item));
      if (bad.length > 0) problem(name, `${bad.join(', ')} can't be a namespace; separate names by commas`);
      return names;
    },
    boolean: (name) => {
      const value = text(name).toLowerCase();
      if (value !== 'true' && value !== 'false') problem(name, 'true or false is expected');
      return value === 'true';
    },
    choice: (name, choices) => {
      const found = choices.find((choice) => choice === text(name));
      if (found === undefined) problem(name, `expected ${choices.join(', ')}`);
      return found ?? choices[0];
    },
    duration: (name, fallback) => {
      if (text(name) === '') return fallback;
      const parsed = parseGoDuration(text(name));
      if (parsed.ok && parsed.value >= 0n && parsed.value <= 3_600_000_000_000n)
        return Number(parsed.value / 1_000_000n);
      problem(name, 'a duration such as 15s, at most 1h, is expected');
      return fallback;
    },
  };
}
