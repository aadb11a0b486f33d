/** Kinds without a controller yet are checked and stored, and said to be so. */
import { warning } from '../../field.ts';
import type { Finding } from '../../finding.ts';

export const notRun = (what: string): readonly Finding[] => [
  warning('', `this release checks and stores ${what} but does not act on them yet; a later release picks them up`),
];
