/**
 * Redis's generally available releases, as of November 2026.
 * Lines without an end date are supported, the date not announced.
 */
import type { Catalogue } from '../engine.ts';

export const catalogue: Catalogue = {
  lineComponents: 2,
  source: 'https://redis.io/docs/latest/operate/oss_and_stack/install/ and https://endoflife.date/redis',
  lines: [
    { line: '6.0', released: '2020-04-30', endOfLife: '2022-05-31', firstPatch: 0, newestPatch: 20 },
    { line: '6.2', released: '2021-02-22', endOfLife: '2027-04-01', firstPatch: 0, newestPatch: 24 },
    { line: '7.0', released: '2022-04-27', endOfLife: '2024-07-29', firstPatch: 0, newestPatch: 15 },
    { line: '7.2', released: '2023-08-15', endOfLife: '2029-12-01', firstPatch: 0, newestPatch: 16 },
    { line: '7.4', released: '2024-07-29', endOfLife: '2029-12-01', firstPatch: 0, newestPatch: 11 },
    { line: '8.0', released: '2025-05-02', endOfLife: '2026-12-01', firstPatch: 0, newestPatch: 6 },
    { line: '8.2', released: '2025-08-04', endOfLife: '2030-09-01', firstPatch: 0, newestPatch: 9 },
    { line: '8.4', released: '2025-11-18', firstPatch: 0, newestPatch: 6 },
    { line: '8.6', released: '2026-02-11', firstPatch: 0, newestPatch: 6 },
    { line: '8.8', released: '2026-05-25', firstPatch: 0, newestPatch: 2 },
    { line: '8.10', released: '2026-07-29', firstPatch: 0, newestPatch: 1 },
  ],
};
