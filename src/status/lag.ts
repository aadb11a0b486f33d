/** `status.members[].lag`: only coarse steps are written, because each change is a write. */

/** Seconds. */
const steps = [0, 5, 10, 30, 60, 300, 900, 3600];
const notFollowing = 'not following';

export const coarseLag = (seconds: number): number => steps.findLast((step) => seconds >= step) ?? 0;

/** Seconds, or `not following`. */
export const lagText = (lag: number | 'not following'): string => (lag === notFollowing ? lag : `${coarseLag(lag)}s`);

/** What `lagText` wrote; undefined: nothing was written. */
export function secondsOfLag(text: string | undefined): number | 'not following' | undefined {
  if (text === notFollowing) return notFollowing;
  const [, seconds] = /^(\d+)s$/.exec(text ?? '') ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
