/** Colours on a terminal, tables, and text that fits the width. */
import { styleText } from 'node:util';

export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'bold';
export type Style = (tone: Tone, text: string) => string;

const formats = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', bold: 'bold' } as const;

export const plain: Style = (_, text) => text;
export const coloured: Style = (tone, text) =>
  text === '' ? '' : styleText(formats[tone], text, { validateStream: false });

/** no-color.org: any value but the empty one. */
export const styleFor = (isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Style =>
  isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' ? coloured : plain;

export type Cell = string | { readonly text: string; readonly tone: Tone };

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

/** Lines of columns as wide as their widest cell; columns without any text are left out. */
export function columns(rows: readonly (readonly Cell[])[], style: Style, head?: readonly string[]): readonly string[] {
  const all: readonly (readonly Cell[])[] = [
    ...(head === undefined ? [] : [head.map((text) => ({ text, tone: 'dim' as const }))]),
    ...rows,
  ];
  const count = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, index) =>
    rows.every((row) => textOf(row[index] ?? '') === '')
      ? undefined
      : Math.max(...all.map((row) => textOf(row[index] ?? '').length)),
  );
  return all.map((row) =>
    row
      .flatMap((cell, index) => {
        const width = widths[index];
        if (width === undefined) return [];
        const padding = ' '.repeat(width - textOf(cell).length);
        return [(typeof cell === 'string' ? cell : style(cell.tone, cell.text)) + padding];
      })
      .join('  ')
      .trimEnd(),
  );
}

/** At blanks; a word longer than the width stands alone. The first line begins with `first`, the others with `rest`. */
export function wrap(text: string, width: number, first = '', rest = ' '.repeat(first.length)): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let isFresh = true;
  for (const word of text.trim().split(/\s+/)) {
    if (!isFresh && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest + word;
    } else {
      line += isFresh ? word : ` ${word}`;
    }
    isFresh = false;
  }
  return [...lines, line];
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** `12d`, `2h5m`, `90s`: coarse when it is long. Milliseconds; what is below 0 is 0. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 3 * 3600) {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
    return hours === 0 ? `${minutes}m` : `${hours}h${minutes}m`;
  }
  const [unit, size] = units.find(([, length]) => seconds >= 2 * length) ?? ['s', 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

/** `5h ago`, `in 18h`; '' when the text is no time. */
export function relative(time: string | undefined, now: Date): string {
  const at = Date.parse(time ?? '');
  if (Number.isNaN(at)) return '';
  return at > now.getTime() ? `in ${duration(at - now.getTime())}` : `${duration(now.getTime() - at)} ago`;
}
