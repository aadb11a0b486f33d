/** What every part of the process is given. */
import type { Config } from '../config.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Connection } from '../kubernetes/connection.ts';
import type { Logger } from '../observe/logger.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Drain } from '../server/drain.ts';
import type { Clock } from '../values/clock.ts';

export interface Surroundings {
  readonly version: string;
  /** Path of main.ts or of what it was built into, for child processes. */
  readonly program: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A connection and a client of it; `namespace` is the operator's own. */
export interface Cluster {
  /** With patience: for everything but controllers, which are fenced, and the election, which must not wait. */
  readonly client: KubernetesClient;
  /** One attempt for each call. */
  readonly once: KubernetesClient;
  readonly connection: Connection;
  readonly namespace: string;
}

/** What is shared by all parts. */
export interface Kit {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly drain: Drain;
  readonly cluster: Cluster | undefined;
  /** Name of this process among the replicas. */
  readonly identity: string;
  /** The process must end: it can't go on safely. */
  readonly onFatal: (error: Error) => void;
}
