/** Whether a series of measurements goes anywhere: the straight line through it by least squares. */

export interface Sample {
  readonly atSeconds: number;
  readonly value: number;
}

export interface Line {
  /** Units of the value an hour. */
  readonly perHour: number;
  /** Values at both ends of the line: what the slope means over the time that was watched. */
  readonly from: number;
  readonly to: number;
}

/** Undefined below three samples, or when all are of one moment. */
export function lineThrough(samples: readonly Sample[]): Line | undefined {
  if (samples.length < 3) return undefined;
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [time, level] = [mean(samples.map(({ atSeconds }) => atSeconds)), mean(samples.map(({ value }) => value))];
  const spread = samples.reduce((sum, { atSeconds }) => sum + (atSeconds - time) ** 2, 0);
  if (spread === 0) return undefined;
  const together = samples.reduce((sum, { atSeconds, value }) => sum + (atSeconds - time) * (value - level), 0);
  const perSecond = together / spread;
  const at = (sample: Sample | undefined): number => level + perSecond * ((sample?.atSeconds ?? time) - time);
  return { perHour: perSecond * 3600, from: at(samples[0]), to: at(samples.at(-1)) };
}
