/** What a command of the plugin is: its flags in a table, its help made of it, and what it is run with. */
import type { Cluster } from './cluster.ts';
import type { Style } from './style.ts';
import type { World } from './world.ts';

export interface FlagRow {
  readonly name: string;
  readonly short?: string;
  /** What stands for the value in the help; absent: a switch. */
  readonly value?: string;
  readonly help: string;
  readonly repeated?: boolean;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What follows the name, such as `NAME [POD]`. */
  readonly operands: string;
  /** What it does, in a few lines. */
  readonly text: string;
  readonly flags: readonly FlagRow[];
  /** What the operands are, for completion; nothing is proposed where it is absent. */
  readonly completes?: readonly ('database' | 'member' | 'backup')[];
  run(call: Call): Promise<number>;
}

/** One use of a command. */
export interface Call {
  readonly world: World;
  readonly operands: readonly string[];
  readonly style: Style;
  value(flag: string): string | undefined;
  values(flag: string): readonly string[];
  /** A switch; `--wait` and the like that are true unless they are said to be false have `otherwise` true. */
  is(flag: string, otherwise?: boolean): boolean;
  /** Opened once, when first asked for. */
  cluster(): Promise<Cluster>;
}

/** Of every command that talks to a cluster, as kubectl has them. */
export const clusterFlags: readonly FlagRow[] = [
  { name: 'namespace', short: 'n', value: 'NAME', help: 'namespace (default: that of the context)' },
  { name: 'context', value: 'NAME', help: 'context of the kubeconfig' },
  { name: 'kubeconfig', value: 'FILE', help: 'kubeconfig (default: KUBECONFIG, ~/.kube/config)' },
];

export const outputFlag: FlagRow = { name: 'output', short: 'o', value: 'json', help: 'print JSON, for programs' };

export const waitFlags: readonly FlagRow[] = [
  { name: 'wait', help: 'follow it until it is done (default; --wait=false returns at once)' },
  { name: 'timeout', value: 'TIME', help: 'stop following after this long, such as 90s or 30m (default 10m)' },
];

const isLong = (row: FlagRow): string =>
  `${row.short === undefined ? '   ' : `-${row.short},`} --${row.name}${row.value === undefined ? '' : ` ${row.value}`}`;

export function helpOf({ name, operands, text, flags }: Command): string {
  const rows = [...flags, { name: 'help', short: 'h', help: 'print this' }];
  const width = Math.max(...rows.map((row) => isLong(row).length));
  return [
    `Usage: kubectl database ${name}${operands === '' ? '' : ` ${operands}`} [FLAG…]`,
    '',
    text,
    '',
    ...rows.map((row) => `  ${isLong(row).padEnd(width)}   ${row.help}`),
    '',
  ].join('\n');
}
