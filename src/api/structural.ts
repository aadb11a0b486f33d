/** What is left of a CRD's schema for checking objects: no words for people, no CEL (the API server runs that). */
export interface StructuralSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly intOrString?: true;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  /** Of every value of a map. */
  readonly values?: StructuralSchema;
  readonly items?: StructuralSchema;
  /** Lists: no two equal items (`set`), or no two with equal `mapKeys`. */
  readonly set?: true;
  readonly mapKeys?: readonly string[];
}
