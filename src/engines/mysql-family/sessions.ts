/** Taking writes away from a server: the switch itself waits for sessions that write, so those are ended meanwhile. */
import { text, type Ask, type Row } from './connection.ts';
import { replicationUser } from './paths.ts';

/** Of the server itself, of the other members and of the operator (backups and people with the superuser's password). */
const kept: ReadonlySet<string> = new Set(['system user', 'event_scheduler', replicationUser, 'root']);

/** Connection numbers to end. */
export const sessionsToEnd = (processes: readonly Row[]): readonly number[] =>
  processes
    .filter((row) => !kept.has(text(row, 'User')) && !/^(?:Daemon|Binlog Dump)/.test(text(row, 'Command')))
    .map((row) => Number(text(row, 'Id')));

/** Of all users, or of some. A session may have ended by itself. */
export async function endSessions(ask: Ask, isOf: (user: string) => boolean = () => true): Promise<void> {
  const processes = (await ask('SHOW PROCESSLIST')).filter((row) => isOf(text(row, 'User')));
  for (const id of sessionsToEnd(processes)) {
    await ask(`KILL ${id}`).catch((error: unknown) => {
      if ((error as { errno?: unknown }).errno !== unknownThread) throw error;
    });
  }
}

/** ER_NO_SUCH_THREAD */
const unknownThread = 1094;
