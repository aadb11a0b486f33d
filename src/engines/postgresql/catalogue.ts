/** PostgreSQL's generally available releases, as of November 2026. */
import type { Catalogue } from '../engine.ts';

export const catalogue: Catalogue = {
  lineComponents: 1,
  source: 'https://www.postgresql.org/support/versioning/ and https://endoflife.date/postgresql',
  lines: [
    { line: '10', released: '2017-10-05', endOfLife: '2022-11-10', firstPatch: 0, newestPatch: 23 },
    { line: '11', released: '2018-10-18', endOfLife: '2023-11-09', firstPatch: 0, newestPatch: 22 },
    { line: '12', released: '2019-10-03', endOfLife: '2024-11-21', firstPatch: 0, newestPatch: 22 },
    { line: '13', released: '2020-09-24', endOfLife: '2025-11-13', firstPatch: 0, newestPatch: 23 },
    { line: '14', released: '2021-09-30', endOfLife: '2026-11-12', firstPatch: 0, newestPatch: 25 },
    { line: '15', released: '2022-10-13', endOfLife: '2027-11-11', firstPatch: 0, newestPatch: 20 },
    { line: '16', released: '2023-09-14', endOfLife: '2028-11-09', firstPatch: 0, newestPatch: 16 },
    { line: '17', released: '2024-09-26', endOfLife: '2029-11-08', firstPatch: 0, newestPatch: 12 },
    { line: '18', released: '2025-09-25', endOfLife: '2030-11-14', firstPatch: 0, newestPatch: 7, skipped: [5] },
  ],
};
