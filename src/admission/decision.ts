/** What admission decided about one request, before it is put on the wire. */
import type { CauseType, RuleFinding } from './finding.ts';
import type { Announcement } from '../planning/announce.ts';
import type { JsonPatch } from './json-patch.ts';

/** metav1.Status of a refusal. */
export interface Refusal {
  readonly status: 'Failure';
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: {
    readonly group: string;
    readonly kind: string;
    readonly name: string;
    readonly causes?: readonly { readonly reason: CauseType; readonly field: string; readonly message: string }[];
  };
}

export interface Decision {
  readonly allowed: boolean;
  /** Refusals and warnings of every rule, in field order. */
  readonly findings: readonly RuleFinding[];
  /** For people, one thought each; not yet cut to the length of a header. */
  readonly warnings: readonly string[];
  /** Empty on DELETE, on subresources and where nothing is to be completed. */
  readonly patch: JsonPatch;
  /** Fields that the patch fills in, as `spec.storage.size`. */
  readonly defaulted: readonly string[];
  readonly refusal?: Refusal;
  /** What an admitted UPDATE of a Database will do; its words are among the warnings. */
  readonly plan?: Announcement;
}

export const allowed: Decision = { allowed: true, findings: [], warnings: [], patch: [], defaulted: [] };

/** A refusal with every violation, in the words of apimachinery's errors.NewInvalid. */
export function invalidStatus(
  group: string,
  kind: string,
  name: string,
  violations: readonly { readonly field: string; readonly reason: CauseType; readonly message: string }[],
): Refusal {
  const lines = [...new Set(violations.map(({ field, message }) => `${field}: ${message}`))];
  const all = lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(', ')}]`;
  return {
    status: 'Failure',
    code: 422,
    reason: 'Invalid',
    message: `${kind}.${group} ${JSON.stringify(name)} is invalid: ${all}`,
    details: {
      group,
      kind,
      name,
      causes: violations.map(({ field, reason, message }) => ({ reason, field, message })),
    },
  };
}

/** A fault of ours: refused, since nothing unchecked may pass, and without anything of the object. */
export const internalStatus = (message: string): Refusal => ({
  status: 'Failure',
  code: 500,
  reason: 'InternalError',
  message,
});
