/** From a metav1.Status, or whatever else came instead of one, to an `ApiError`. */
import { ApiError } from './errors.ts';

interface Status {
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly code?: unknown;
  readonly details?: { readonly retryAfterSeconds?: unknown };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** metav1.StatusReason for answers that bring none: a proxy's page, an empty body. */
const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** `Retry-After` in whole seconds; the HTTP-date form is not used by the API server. */
function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header.trim()) ? Number(header) : undefined;
}

function messageOf(status: unknown, body: Status, code: number): string {
  if (typeof body.message === 'string' && body.message !== '') return body.message;
  const text = typeof status === 'string' ? status.trim().slice(0, 200) : '';
  return text === '' ? `HTTP ${code}` : text;
}

/** `status` may be a metav1.Status (from a body or an ERROR event), text, or anything; `code` is the HTTP status if known. */
export function apiErrorOf(
  status: unknown,
  http?: { readonly code: number; readonly retryAfter?: string | undefined; readonly what: string },
): ApiError {
  const body: Status = isObject(status) ? status : {};
  const code = http?.code ?? (typeof body.code === 'number' ? body.code : 500);
  const asked = body.details?.retryAfterSeconds;
  return new ApiError(`${http?.what ?? 'watch'}: ${messageOf(status, body, code)}`, {
    code,
    reason: typeof body.reason === 'string' && body.reason !== '' ? body.reason : (reasons[code] ?? 'Unknown'),
    retryAfterSeconds: secondsOf(http?.retryAfter) ?? (typeof asked === 'number' && asked > 0 ? asked : undefined),
    status,
  });
}
