/** What a pass over a DatabaseUser needs, and what it comes to. */
import type { Facts } from '../../admission/facts.ts';
import type { RandomBytes } from '../../desired/secret.ts';
import type { Engine } from '../../engines/engine.ts';
import type { EventRecorder } from '../../kubernetes/events.ts';
import type { UserStanding } from '../../status/user.ts';
import type { Clock, Random } from '../../values/clock.ts';
import type { Looks } from './looks.ts';
import type { SecretDeps } from './secrets.ts';

export interface UserDeps extends SecretDeps {
  readonly facts: Facts;
  readonly clock: Clock;
  readonly random: Random;
  readonly randomBytes: RandomBytes;
  readonly events: EventRecorder;
  readonly engineByName: (name: string) => Engine | undefined;
  readonly clusterDomain?: string;
  readonly userLooks: Looks;
}

/** What a pass comes to: the status, and when to come back (milliseconds since the epoch). */
export interface Result {
  readonly standing: UserStanding;
  readonly next?: number;
}

/** While something that is not watched stands in the way. */
export const WAIT_MS = 30_000;
