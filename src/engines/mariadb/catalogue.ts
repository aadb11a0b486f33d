/**
 * MariaDB's generally available releases, as of November 2026.
 * A line counts from its first stable patch; the ones before were previews.
 */
import type { Catalogue } from '../engine.ts';

export const catalogue: Catalogue = {
  lineComponents: 2,
  source: 'https://mariadb.org/about/#maintenance-policy and https://endoflife.date/mariadb',
  lines: [
    { line: '10.3', released: '2018-05-25', endOfLife: '2023-05-25', firstPatch: 7, newestPatch: 39 },
    { line: '10.4', released: '2019-06-18', endOfLife: '2024-06-18', firstPatch: 6, newestPatch: 34 },
    { line: '10.5', released: '2020-06-24', endOfLife: '2025-06-24', firstPatch: 4, newestPatch: 29 },
    { line: '10.6', released: '2021-07-06', endOfLife: '2026-07-06', firstPatch: 3, newestPatch: 28 },
    { line: '10.7', released: '2022-02-08', endOfLife: '2023-02-09', firstPatch: 2, newestPatch: 8 },
    { line: '10.8', released: '2022-05-20', endOfLife: '2023-05-20', firstPatch: 3, newestPatch: 8 },
    { line: '10.9', released: '2022-08-15', endOfLife: '2023-08-22', firstPatch: 2, newestPatch: 8 },
    { line: '10.10', released: '2022-11-07', endOfLife: '2023-11-17', firstPatch: 2, newestPatch: 7 },
    { line: '10.11', released: '2023-02-16', endOfLife: '2028-02-16', firstPatch: 2, newestPatch: 19 },
    { line: '11.0', released: '2023-06-06', endOfLife: '2024-06-06', firstPatch: 2, newestPatch: 6 },
    { line: '11.1', released: '2023-08-21', endOfLife: '2024-08-21', firstPatch: 2, newestPatch: 6 },
    { line: '11.2', released: '2023-11-21', endOfLife: '2024-11-21', firstPatch: 2, newestPatch: 6 },
    { line: '11.3', released: '2024-02-16', endOfLife: '2024-05-29', firstPatch: 2, newestPatch: 2 },
    { line: '11.4', released: '2024-05-29', endOfLife: '2029-05-29', firstPatch: 2, newestPatch: 12 },
    { line: '11.5', released: '2024-08-14', endOfLife: '2024-11-21', firstPatch: 2, newestPatch: 2 },
    { line: '11.6', released: '2024-11-13', endOfLife: '2025-02-13', firstPatch: 2, newestPatch: 2 },
    { line: '11.7', released: '2025-02-12', endOfLife: '2025-05-12', firstPatch: 2, newestPatch: 2 },
    { line: '11.8', released: '2025-06-04', endOfLife: '2028-06-04', firstPatch: 2, newestPatch: 8 },
    { line: '12.0', released: '2025-08-07', endOfLife: '2025-11-18', firstPatch: 2, newestPatch: 2 },
    { line: '12.1', released: '2025-11-18', endOfLife: '2026-02-13', firstPatch: 2, newestPatch: 2 },
    { line: '12.2', released: '2026-02-13', endOfLife: '2026-05-28', firstPatch: 2, newestPatch: 2 },
    { line: '12.3', released: '2026-05-28', endOfLife: '2029-06-12', firstPatch: 2, newestPatch: 2 },
  ],
};
