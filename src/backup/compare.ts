/** A restored server against the fingerprint of its backup. */
import type { BackupFailure, BackupFingerprint, TableFingerprint } from '../api/backup-order.ts';

export function compare(expected: BackupFingerprint, found: BackupFingerprint): readonly BackupFailure[] {
  const sameMethod = expected.method === found.method;
  const failures: BackupFailure[] = [];
  for (const [database, tables] of Object.entries(expected.databases)) {
    const restored = found.databases[database] ?? {};
    for (const [table, wanted] of Object.entries(tables)) {
      const have = restored[table];
      if (have === undefined) failures.push({ kind: 'missing-table', what: `${database}: ${table} is missing` });
      else {
        const loose = expected.approximate === true || wanted.approximate === true;
        const failure = loose ? undefined : difference(wanted, have, sameMethod);
        if (failure !== undefined) failures.push({ kind: failure.kind, what: `${database}: ${table} ${failure.what}` });
      }
    }
    for (const table of Object.keys(restored).filter((name) => !(name in tables))) {
      failures.push({ kind: 'extra-table', what: `${database}: ${table} was not in the backup` });
    }
  }
  return failures;
}

function difference(wanted: TableFingerprint, have: TableFingerprint, sameMethod: boolean): BackupFailure | undefined {
  if (have.rows !== wanted.rows) {
    return { kind: 'rows', what: `has ${have.rows} rows, ${wanted.rows} were backed up` };
  }
  const comparable = sameMethod && wanted.checksum !== undefined && have.checksum !== undefined;
  if (!comparable || have.checksum === wanted.checksum) return undefined;
  return { kind: 'content', what: `has ${have.rows} rows, but not the same ones that were backed up` };
}

/** Tables and rows of a fingerprint. */
export function totals({ databases }: BackupFingerprint): { readonly tables: number; readonly rows: number } {
  const all = Object.values(databases).flatMap((tables) => Object.values(tables));
  return { tables: all.length, rows: all.reduce((sum, { rows }) => sum + rows, 0) };
}
