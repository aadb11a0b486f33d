import { MiB } from '../sizes.ts';
import { sqlChecks } from '../sql-checks.ts';

export const checks = sqlChecks(256 * MiB);
