/**
 * What the API server holds against an answer before it looks at the verdict (VerifyAdmissionResponse of its webhook
 * package, and the rules for warnings and audit annotations), so that a case needs no API server.
 */

interface Response {
  readonly uid?: unknown;
  readonly allowed?: unknown;
  readonly status?: { readonly code?: unknown; readonly message?: unknown; readonly details?: { causes?: unknown } };
  readonly patch?: unknown;
  readonly patchType?: unknown;
  readonly warnings?: unknown;
  readonly auditAnnotations?: unknown;
}

export interface Expected {
  readonly uid: string;
  readonly reviewVersion: string;
  readonly mutating: boolean;
}

/** What is wrong with the answer; undefined when the API server would take it. */
export function faultOfAnswer(json: string, { uid, reviewVersion, mutating }: Expected): string | undefined {
  const review = JSON.parse(json) as { apiVersion?: unknown; kind?: unknown; response?: Response };
  if (review.apiVersion !== reviewVersion || review.kind !== 'AdmissionReview') return 'apiVersion or kind differ';
  const { response } = review;
  if (response === undefined) return 'no response';
  if (response.uid !== uid) return 'the uid differs';
  if (typeof response.allowed !== 'boolean') return 'allowed is not a boolean';
  return (
    faultOfPatch(response, mutating) ??
    faultOfStatus(response) ??
    faultOfWarnings(response.warnings ?? []) ??
    faultOfAudit(response.auditAnnotations ?? {})
  );
}

function faultOfPatch({ patch, patchType, allowed }: Response, mutating: boolean): string | undefined {
  if (patch === undefined && patchType === undefined) return undefined;
  if (!mutating) return 'a validating answer has a patch';
  if (allowed !== true) return 'a refusal has a patch';
  if (patchType !== 'JSONPatch') return `patchType is ${String(patchType)}`;
  if (typeof patch !== 'string' || patch === '') return 'patchType without a patch';
  if (Buffer.from(patch, 'base64').toString('base64') !== patch) return 'the patch is not base64';
  return Array.isArray(JSON.parse(Buffer.from(patch, 'base64').toString())) ? undefined : 'the patch is not a list';
}

function faultOfStatus({ allowed, status }: Response): string | undefined {
  if (allowed === true) return status === undefined ? undefined : 'a status beside a permission';
  if (status === undefined) return 'a refusal without a status';
  if (typeof status.message !== 'string' || status.message === '') return 'a refusal without a message';
  if (status.code !== 422) return `a refusal with code ${String(status.code)}`;
  return Array.isArray(status.details?.causes) && status.details.causes.length > 0 ? undefined : 'no causes';
}

/** Beyond 4096 characters in all each is cut to 256; a control character loses the header. */
function faultOfWarnings(warnings: unknown): string | undefined {
  if (!Array.isArray(warnings)) return 'warnings are not a list';
  if (!warnings.every((warning): warning is string => typeof warning === 'string' && warning !== '')) {
    return 'a warning is empty or no text';
  }
  const control = warnings.find((warning) => /\p{C}/u.test(warning));
  if (control !== undefined) return `a warning with a control character: ${JSON.stringify(control)}`;
  const all = warnings.reduce((sum, warning) => sum + Array.from(warning).length, 0);
  return all > 4096 ? `${all} characters of warnings` : undefined;
}

/** Keys become `<webhook>/<key>`, so they must be the name part of a qualified name. */
function faultOfAudit(annotations: unknown): string | undefined {
  if (typeof annotations !== 'object' || annotations === null) return 'auditAnnotations are no map';
  for (const [key, value] of Object.entries(annotations)) {
    if (!/^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$/.test(key)) return `audit annotation key ${key}`;
    if (typeof value !== 'string') return `audit annotation ${key} is not text`;
  }
  return undefined;
}
