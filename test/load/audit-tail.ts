/** The audit log read on from where the last reading ended: after an hour it is too long to be read from its beginning. */
import { open } from 'node:fs/promises';
import { parseAuditLog, type AuditEvent } from '../../tools/control-plane/audit.ts';

export interface AuditTail {
  /** What was written since the last call, of requests that `keep` wants. */
  next(): Promise<readonly AuditEvent[]>;
}

const CHUNK = 4 << 20;

/** The API server renames a full file away (100 MB) and begins another: what its last second held is then missed. */
export function tailAudit(file: string, keep: (event: AuditEvent) => boolean): AuditTail {
  let offset = 0;
  let rest = Buffer.alloc(0);
  let inode = 0;
  return {
    async next() {
      const handle = await open(file, 'r');
      try {
        const { size, ino } = await handle.stat();
        if (ino !== inode || size < offset) [inode, offset, rest] = [ino, 0, Buffer.alloc(0)];
        const found: AuditEvent[] = [];
        while (offset < size) {
          const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(CHUNK, size - offset)), {
            position: offset,
          });
          offset += bytesRead;
          const all = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
          const end = all.lastIndexOf(10) + 1;
          rest = Buffer.from(all.subarray(end));
          found.push(...parseAuditLog(all.subarray(0, end).toString()).filter(keep));
        }
        return found;
      } finally {
        await handle.close();
      }
    },
  };
}

/** Requests of the operator itself. */
export const isOurs = ({ userAgent }: AuditEvent): boolean => userAgent.startsWith('database-operator/');
const writing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
/** Writes other than the Lease's. */
export const isWrite = ({ verb, objectRef }: AuditEvent): boolean =>
  writing.has(verb) && objectRef?.resource !== 'leases' && objectRef?.resource !== 'localsubjectaccessreviews';
