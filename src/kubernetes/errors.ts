/** What the API server answered when it was not 2xx, and the transport's own failures. */
export class ApiError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly code: number;
  /** metav1.StatusReason, e.g. `Conflict`, `NotFound`, `AlreadyExists`, `Expired`, `Invalid`. */
  readonly reason: string;
  /** From `Retry-After` or `details.retryAfterSeconds`. */
  readonly retryAfterSeconds: number | undefined;
  readonly status: unknown;

  constructor(
    message: string,
    options: {
      code: number;
      reason: string;
      retryAfterSeconds?: number | undefined;
      status?: unknown;
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.code = options.code;
    this.reason = options.reason;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.status = options.status;
  }
}

const hasCode = (error: unknown, code: number): error is ApiError => error instanceof ApiError && error.code === code;

export const isNotFound = (error: unknown): boolean => hasCode(error, 404);
export const isConflict = (error: unknown): boolean => hasCode(error, 409) && error.reason === 'Conflict';
export const isAlreadyExists = (error: unknown): boolean => hasCode(error, 409) && error.reason === 'AlreadyExists';
/** 410: the resource version is too old; list again. */
export const isExpired = (error: unknown): boolean => hasCode(error, 410);
export const isInvalid = (error: unknown): boolean => hasCode(error, 422);
export const isForbidden = (error: unknown): boolean => hasCode(error, 403);
