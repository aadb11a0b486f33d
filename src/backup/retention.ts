/** Which backups may go. */
import type { BackupRetention } from '../api/backup-order.ts';

export interface KeptBackup {
  readonly name: string;
  readonly startedAt: Date;
  readonly who: string | undefined;
  readonly whole: boolean;
  /** When the last object of it was written. */
  readonly touchedAt: Date;
  /** uid of the Database; undefined: unknown, since it is not whole or can't be read. */
  readonly uid: string | undefined;
  /** By its last proof. */
  readonly proven: boolean;
  /** By its last proof or one before. */
  readonly everProven: boolean;
}

/** A backup that takes longer than this counts as dead. */
export const leftoverMs = 24 * 3_600_000;

export interface RetentionQuestion {
  /** Oldest first. */
  readonly backups: readonly KeptBackup[];
  readonly who: string | undefined;
  readonly retention: BackupRetention | undefined;
  readonly now: Date;
  /** Nothing of this `who` is to stay. */
  readonly all?: boolean;
}

/**
 * Only backups of the same `who`. Of each Database that had this name the newest good one and the newest proven one stay
 * whatever the rule says: an earlier Database's last backup may be all that is left of it. One whose last proof failed
 * does not take the place of a proven one, nor does it lose its own: an assertion that was wrong fails as well.
 */
export function toRemove({ backups, who, retention, now, all = false }: RetentionQuestion): readonly string[] {
  const mine = backups.filter((backup) => backup.who === who);
  if (all) return mine.map(({ name }) => name);
  const leftovers = mine.filter(
    ({ whole, touchedAt, startedAt }) =>
      !whole && now.getTime() - Math.max(touchedAt.getTime(), startedAt.getTime()) > leftoverMs,
  );
  const good = mine.filter(({ whole }) => whole);
  const protectedNames = new Set<string>();
  for (const uid of new Set(good.map((backup) => backup.uid))) {
    const own = good.filter((backup) => backup.uid === uid);
    const last = [own.at(-1), own.findLast(({ proven }) => proven), own.findLast(({ everProven }) => everProven)];
    for (const backup of last) {
      if (backup !== undefined) protectedNames.add(backup.name);
    }
  }
  const past = good.filter((backup, index) => {
    if (retention === undefined) return false;
    if (retention.keep === 'count') return index < good.length - retention.count;
    return now.getTime() - backup.startedAt.getTime() > retention.seconds * 1000;
  });
  return [...leftovers, ...past.filter(({ name }) => !protectedNames.has(name))].map(({ name }) => name);
}
