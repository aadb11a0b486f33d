/** What the server knows of admission: bytes in, an answer out. The real handler is put together in app.ts. */

export type Route = 'mutate' | 'validate';

export interface AdmissionCall {
  readonly route: Route;
  readonly body: Buffer;
  /** Aborts when the answer would come too late. */
  readonly signal: AbortSignal;
}

/** What the log and the metrics may say about a review; never its content. */
export interface ReviewSummary {
  readonly uid: string;
  readonly operation: string;
  /** Plural; with a subresource `databases/scale`. */
  readonly resource: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  readonly allowed: boolean;
  readonly dryRun: boolean;
  readonly rules: readonly string[];
}

export interface AdmissionAnswer {
  /** HTTP: 200 for every review, whatever its verdict; 400 for what is not a review. */
  readonly status: number;
  /** JSON. */
  readonly body: string;
  readonly summary?: ReviewSummary;
}

/** May answer at once: without live questions no timer is needed. A throw is a bug and becomes a 500-coded review. */
export type AdmissionHandler = (call: AdmissionCall) => AdmissionAnswer | Promise<AdmissionAnswer>;
