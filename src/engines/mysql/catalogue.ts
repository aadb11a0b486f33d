/**
 * MySQL's generally available releases, as of November 2026.
 * The innovation releases 9.1 to 9.6 are public in their first patch only.
 */
import type { Catalogue } from '../engine.ts';

export const catalogue: Catalogue = {
  lineComponents: 2,
  source: 'https://dev.mysql.com/doc/relnotes/mysql/ and https://endoflife.date/mysql',
  lines: [
    { line: '5.7', released: '2015-10-21', endOfLife: '2023-10-31', firstPatch: 9, newestPatch: 44 },
    { line: '8.0', released: '2018-04-19', endOfLife: '2026-04-30', firstPatch: 11, newestPatch: 46 },
    { line: '8.1', released: '2023-07-18', endOfLife: '2023-10-25', firstPatch: 0, newestPatch: 0 },
    { line: '8.2', released: '2023-10-25', endOfLife: '2024-01-16', firstPatch: 0, newestPatch: 0 },
    { line: '8.3', released: '2024-01-16', endOfLife: '2024-04-30', firstPatch: 0, newestPatch: 0 },
    { line: '8.4', released: '2024-04-30', endOfLife: '2032-04-30', firstPatch: 0, newestPatch: 11 },
    { line: '9.0', released: '2024-07-01', endOfLife: '2024-10-15', firstPatch: 0, newestPatch: 1 },
    { line: '9.1', released: '2024-10-15', endOfLife: '2025-01-21', firstPatch: 0, newestPatch: 0 },
    { line: '9.2', released: '2025-01-21', endOfLife: '2025-04-15', firstPatch: 0, newestPatch: 0 },
    { line: '9.3', released: '2025-04-15', endOfLife: '2025-07-22', firstPatch: 0, newestPatch: 0 },
    { line: '9.4', released: '2025-07-22', endOfLife: '2025-10-21', firstPatch: 0, newestPatch: 0 },
    { line: '9.5', released: '2025-10-21', endOfLife: '2026-01-20', firstPatch: 0, newestPatch: 0 },
    { line: '9.6', released: '2026-01-20', endOfLife: '2026-04-21', firstPatch: 0, newestPatch: 0 },
    { line: '9.7', released: '2026-04-21', endOfLife: '2034-04-21', firstPatch: 0, newestPatch: 2 },
  ],
};
