/**
 * Only the leader writes. Losing the lease is noticed by a timer, and a process that was frozen notices nothing until it
 * runs again; so every write asks first, by the clock, whether the lease is still safely held. A write that is on its way
 * at that moment can't be called back: the time between renew deadline and lease duration is for it.
 */
import type { KubernetesClient } from './client.ts';
import { ApiError } from './errors.ts';

export interface Leadership {
  /** True while the lease is held and the renew deadline has not passed, by this process's clock at this moment. */
  isLeader(): boolean;
}

/** True for the error of a write that the fence refused; nothing was sent. */
export const isFenced = (error: unknown): boolean => error instanceof ApiError && error.reason === 'NotLeader';

/** The same client; writes reject with `ApiError` (code 0, reason `NotLeader`) unless `leadership` holds. Reads pass. */
export function fence(client: KubernetesClient, leadership: Leadership): KubernetesClient {
  const guarded = async <T>(what: string, write: () => Promise<T>): Promise<T> => {
    if (!leadership.isLeader()) {
      throw new ApiError(`${what} refused: this replica is not the leader (any more)`, {
        code: 0,
        reason: 'NotLeader',
      });
    }
    return write();
  };
  return {
    get: (...call) => client.get(...call),
    listPage: (...call) => client.listPage(...call),
    watch: (...call) => client.watch(...call),
    create: (...call) => guarded('create', () => client.create(...call)),
    apply: (...call) => guarded('apply', () => client.apply(...call)),
    jsonPatch: (...call) => guarded('patch', () => client.jsonPatch(...call)),
    mergePatch: (...call) => guarded('patch', () => client.mergePatch(...call)),
    delete: (...call) => guarded('delete', () => client.delete(...call)),
  };
}
