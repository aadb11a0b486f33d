/**
 * MongoDB's generally available releases, as of November 2026.
 * Rapid releases are in it: they are public, if short-lived.
 */
import type { Catalogue } from '../engine.ts';

export const catalogue: Catalogue = {
  lineComponents: 2,
  source: 'https://www.mongodb.com/legal/support-policy/lifecycles and https://endoflife.date/mongodb',
  lines: [
    { line: '4.4', released: '2020-07-31', endOfLife: '2024-02-29', firstPatch: 0, newestPatch: 31 },
    { line: '5.0', released: '2021-07-31', endOfLife: '2024-10-31', firstPatch: 0, newestPatch: 34 },
    { line: '5.1', released: '2021-11-30', endOfLife: '2022-01-19', firstPatch: 0, newestPatch: 1 },
    { line: '5.2', released: '2022-01-31', endOfLife: '2022-03-23', firstPatch: 0, newestPatch: 1 },
    { line: '5.3', released: '2022-03-31', endOfLife: '2022-07-19', firstPatch: 0, newestPatch: 2 },
    { line: '6.0', released: '2022-07-31', endOfLife: '2025-07-31', firstPatch: 0, newestPatch: 29 },
    { line: '6.1', released: '2022-10-31', endOfLife: '2023-02-09', firstPatch: 0, newestPatch: 1 },
    { line: '6.2', released: '2023-02-28', endOfLife: '2023-04-24', firstPatch: 0, newestPatch: 1 },
    { line: '6.3', released: '2023-04-30', endOfLife: '2023-08-31', firstPatch: 0, newestPatch: 2 },
    { line: '7.0', released: '2023-08-31', endOfLife: '2027-08-31', firstPatch: 0, newestPatch: 40, skipped: [33, 38] },
    { line: '7.1', released: '2023-10-31', endOfLife: '2024-01-23', firstPatch: 0, newestPatch: 1 },
    { line: '7.2', released: '2024-01-31', endOfLife: '2024-03-27', firstPatch: 0, newestPatch: 2 },
    { line: '7.3', released: '2024-03-31', endOfLife: '2024-10-02', firstPatch: 0, newestPatch: 4 },
    { line: '8.0', released: '2024-10-31', endOfLife: '2029-10-31', firstPatch: 0, newestPatch: 29, skipped: [22, 27] },
    { line: '8.1', released: '2025-06-30', endOfLife: '2025-09-30', firstPatch: 0, newestPatch: 3 },
    { line: '8.2', released: '2025-09-30', endOfLife: '2026-07-31', firstPatch: 0, newestPatch: 12, skipped: [8] },
    { line: '8.3', released: '2026-05-31', endOfLife: '2029-10-31', firstPatch: 0, newestPatch: 8, skipped: [5, 6] },
  ],
};
