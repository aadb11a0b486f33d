import type { Progress } from './progress.ts';

export interface ControlPlaneOptions {
  /** Parent of the throw-away folder (default: the system's temporary folder). */
  readonly dir?: string;
  /** Garbage collection, StatefulSets, CronJobs, namespaces that really end…; about one second more (default true). */
  readonly controllerManager?: boolean;
  /** Record every request at Metadata level, for `auditEvents` (default false). */
  readonly auditLog?: boolean;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** Further flags of kube-apiserver, e.g. `--v=6`. */
  readonly apiServerArgs?: readonly string[];
  /** Preparing the binaries may take minutes, once (default: silent). */
  readonly progress?: Progress;
}
