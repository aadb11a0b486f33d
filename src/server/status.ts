/** Answers that are not a verdict: a metav1.Status, or a review that says why there is no verdict. */
import { STATUS_CODES } from 'node:http';

const statusBody = (code: number, reason: string, message: string): object => ({
  apiVersion: 'v1',
  kind: 'Status',
  metadata: {},
  status: 'Failure',
  code,
  reason,
  message,
});

export function statusJson(code: number, message: string): string {
  return JSON.stringify(statusBody(code, (STATUS_CODES[code] ?? 'Unknown').replaceAll(' ', ''), message));
}

interface ReviewHead {
  readonly apiVersion?: unknown;
  readonly request?: { readonly uid?: unknown } | null;
}

/**
 * A refusal that carries the uid, so that the API server can match it and shows `message` to the user. Falls back to a
 * Status when the body is no review.
 */
export function failureReview(
  body: Buffer,
  code: 500 | 504,
  message: string,
): { readonly status: number; readonly body: string } {
  const head = readHead(body);
  const uid = head?.request?.uid;
  if (typeof uid !== 'string') return { status: 500, body: statusJson(500, message) };
  const apiVersion = head?.apiVersion === 'admission.k8s.io/v1beta1' ? head.apiVersion : 'admission.k8s.io/v1';
  const status = statusBody(code, code === 504 ? 'Timeout' : 'InternalError', message);
  return {
    status: 200,
    body: JSON.stringify({ apiVersion, kind: 'AdmissionReview', response: { uid, allowed: false, status } }),
  };
}

function readHead(body: Buffer): ReviewHead | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
