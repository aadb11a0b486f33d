/**
 * Flags of the offline commands. Not node:util's parser, because a schedule may begin with a hyphen (`-5 * * * *` is a
 * wrong one that a person wants explained): an argument with a space in it is never a flag.
 */
import { closest } from '../values/nearest.ts';

export interface FlagTable {
  /** Long name → short name or ''. Each takes a value. */
  readonly values: Readonly<Record<string, string>>;
  /** Long name → short name or ''. Each is `true` when given without a value; `--wait=false`. */
  readonly switches?: Readonly<Record<string, string>>;
  /** May be given several times. */
  readonly repeated?: readonly string[];
}

export type ParsedFlags =
  | {
      readonly ok: true;
      readonly flags: ReadonlyMap<string, readonly string[]>;
      readonly rest: readonly string[];
      readonly help: boolean;
    }
  | { readonly ok: false; readonly error: string };

export function parseFlags(args: readonly string[], table: FlagTable): ParsedFlags {
  const flags = new Map<string, string[]>();
  const rest: string[] = [];
  const queue = [...args];
  let help = false;
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === '--') {
      rest.push(...queue.splice(0));
    } else if (arg === '--help' || arg === '-h') {
      help = true;
    } else if (!isFlag(arg)) {
      rest.push(arg);
    } else {
      const read = readFlag(arg, queue, table);
      if (!read.ok) return read;
      const { name, value } = read;
      const present = flags.get(name) ?? [];
      if (present.length > 0 && table.repeated?.includes(name) !== true) {
        return { ok: false, error: `--${name} is given twice` };
      }
      flags.set(name, [...present, value]);
    }
  }
  return { ok: true, flags, rest, help };
}

type ReadFlag = { readonly ok: true; readonly name: string; readonly value: string } | { ok: false; error: string };

/** Takes the value from the queue when it does not stand after `=`. */
function readFlag(arg: string, queue: string[], table: FlagTable): ReadFlag {
  const [written, inline] = splitOnce(arg);
  const name = longName(written, table);
  if (name === undefined) return { ok: false, error: unknownFlag(written, table) };
  const isSwitch = Object.hasOwn(table.switches ?? {}, name);
  const value = inline ?? (isSwitch ? 'true' : queue.shift());
  if (value === undefined) return { ok: false, error: `${written} needs a value` };
  if (isSwitch && value !== 'true' && value !== 'false') return { ok: false, error: `--${name} is true or false` };
  return { ok: true, name, value };
}

const isFlag = (arg: string): boolean => /^--?[A-Za-z]/.test(arg) && !/^[^=]*\s/.test(arg);

function splitOnce(arg: string): readonly [string, string | undefined] {
  const at = arg.indexOf('=');
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

function longName(written: string, table: FlagTable): string | undefined {
  const known = { ...table.values, ...table.switches };
  if (written.startsWith('--')) return Object.hasOwn(known, written.slice(2)) ? written.slice(2) : undefined;
  return Object.entries(known).find(([, short]) => short !== '' && `-${short}` === written)?.[0];
}

function unknownFlag(written: string, table: FlagTable): string {
  const nearest = closest(written.replace(/^-+/, ''), [...Object.keys({ ...table.values, ...table.switches }), 'help']);
  return `unknown flag ${written}${nearest === undefined ? '' : `; did you mean --${nearest}?`}`;
}
