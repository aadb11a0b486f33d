/** What the measurements of a soak say. */
import type { ProcessFigures } from '../process-figures.ts';
import { lineThrough, type Line } from './slope.ts';

export interface Reading extends ProcessFigures {
  readonly atSeconds: number;
  /** Process number: a killed operator begins anew. */
  readonly process: number;
}

export interface Verdict {
  readonly what: string;
  readonly passed: boolean;
}

/** Before that, code is compiled and caches fill. */
const WARM_UP_SECONDS = 300;
/** Between quiet points memory moves by as much as one collection more or less. */
const MEMORY_RISE_MIB = 6;
/** Connections that happen to be open at the moment of reading. */
const DESCRIPTOR_RISE = 5;

export function judge(readings: readonly Reading[], log: string): readonly Verdict[] {
  const first = readings.filter(({ process }) => process === readings[0]?.process);
  const begun = readings[0]?.atSeconds ?? 0;
  const warm = first.filter(({ atSeconds }) => atSeconds >= begun + WARM_UP_SECONDS);
  const lineOf = (value: (reading: Reading) => number): Line | undefined =>
    lineThrough(warm.map((reading) => ({ atSeconds: reading.atSeconds, value: value(reading) })));
  const level = (name: string, unit: string, line: Line | undefined, most: number): Verdict =>
    line === undefined
      ? { what: `${name}: too few readings after ${WARM_UP_SECONDS} s of warming up`, passed: false }
      : {
          what: `${name}: ${line.from.toFixed(1)} to ${line.to.toFixed(1)}${unit}, ${line.perHour.toFixed(1)} an hour (at most ${most} more)`,
          passed: line.to - line.from <= most,
        };
  return [
    level(
      'anonymous memory',
      ' MiB',
      lineOf(({ anonymousMiB }) => anonymousMiB),
      MEMORY_RISE_MIB,
    ),
    level(
      'resident memory',
      ' MiB',
      lineOf(({ residentMiB }) => residentMiB),
      MEMORY_RISE_MIB,
    ),
    level(
      'descriptors',
      '',
      lineOf(({ descriptors }) => descriptors),
      DESCRIPTOR_RISE,
    ),
    level(
      'sockets',
      '',
      lineOf(({ sockets }) => sockets),
      DESCRIPTOR_RISE,
    ),
    ...['MaxListenersExceededWarning', 'UnhandledPromiseRejection', 'a rule ended in a bug'].map((word) => ({
      what: `the log has no ${word}`,
      passed: !log.includes(word),
    })),
  ];
}
