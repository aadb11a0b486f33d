import { MiB } from '../sizes.ts';
import { sqlChecks } from '../sql-checks.ts';

/** MySQL 8 takes about 400 MiB before the first query. */
export const checks = sqlChecks(448 * MiB);
