/** What a rule has to say. All findings of all rules are collected; none stops another. */

/** metav1.CauseType values, as apimachinery's field.Error uses them. */
export type CauseType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueNotFound'
  | 'FieldValueTypeInvalid';

export interface Finding {
  /** `spec.a.b`; maps as `spec.config.parameters[work_mem]`, lists as `spec.tenants[0].name`. */
  readonly field: string;
  readonly reason: CauseType;
  /** apimachinery's wording, then the remedy. */
  readonly message: string;
  readonly severity: 'deny' | 'warn';
}

/** A finding and the id of the rule that made it. */
export interface RuleFinding extends Finding {
  readonly rule: string;
}
