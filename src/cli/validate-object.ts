/** One object of a file, judged as if it were created now: the type, the fields, the schema and every rule. */
import { decide, type Decision } from '../admission/decide.ts';
import { noFacts, type Facts } from '../admission/facts.ts';
import { schemaRule } from '../admission/evaluate.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import type { KubernetesObject, Resource } from '../api/object.ts';
import { apiVersion, GROUP, ownKinds, VERSION } from '../api/resources.ts';
import { isOwnKind, unknownFields } from '../api/schema.ts';
import type { OwnKindName } from '../api/types.generated.ts';
import { didYouMean } from '../values/nearest.ts';
import type { Manifest } from './documents.ts';

export interface Violation {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

export interface ValidationItem {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly allowed: boolean;
  readonly violations: readonly Violation[];
  readonly warnings: readonly string[];
}

/** One violation or warning, with the id of the rule that made it. */
export interface Remark extends Violation {
  readonly severity: 'deny' | 'warn';
  readonly rule: string;
}

/** A verdict, and what it was made of. */
export interface Judgement {
  readonly item: ValidationItem;
  readonly remarks: readonly Remark[];
}

export interface JudgeOptions {
  readonly now: Date;
  readonly facts?: Facts;
  /** What is stored: the verdict is that of an update. */
  readonly old?: KubernetesObject | undefined;
}

/** Ids of what is wrong before any rule speaks. */
export const typeRule = 'TYPE';
export const unknownFieldRule = 'UNKNOWN';

export type Raw = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * Of another group, or nothing of Kubernetes at all, such as a package.json. A manifest without apiVersion is taken for one of
 * ours that is wrong.
 */
export const isForeign = (object: Raw): boolean => {
  if (!['apiVersion', 'kind', 'metadata', 'spec'].some((field) => Object.hasOwn(object, field))) return true;
  const version = text(object['apiVersion']);
  return version !== '' && version !== GROUP && !version.startsWith(`${GROUP}/`);
};

/** For a message: kind, name, apiVersion and file. */
export function describe({ source, object }: Manifest): string {
  if (!Object.hasOwn(object, 'apiVersion')) return source;
  return `${text(object['kind']) || 'an object'} ${text(metadataOf(object)['name'])} (${text(object['apiVersion'])}) in ${source}`;
}

const metadataOf = (object: Raw): Raw => {
  const { metadata } = object;
  return typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? (metadata as Raw) : {};
};

/** One object of our group, as if it were created now. */
export const validateObject = (object: Raw, now: Date): ValidationItem => judge(object, { now }).item;

/** Kind, namespace and name, by which an object is known; the namespace is `default` where none is written. */
export function identityOf(object: Raw): { readonly kind: string; readonly namespace: string; readonly name: string } {
  const metadata = metadataOf(object);
  return {
    kind: text(object['kind']),
    namespace: text(metadata['namespace']) || 'default',
    name: text(metadata['name']) || text(metadata['generateName']),
  };
}

/** With its namespace written out, as the API server would have it. */
export const placed = (object: Raw): KubernetesObject =>
  ({ ...object, metadata: { ...metadataOf(object), namespace: identityOf(object).namespace } }) as KubernetesObject;

/** One object of our group: created now, or changed from `old`. */
export function judge(object: Raw, { now, facts = noFacts, old }: JudgeOptions): Judgement {
  const { kind, namespace, name } = identityOf(object);
  const resource = ownKinds.find((own) => own.kind === kind);
  const item = (violations: readonly Violation[], warnings: readonly string[] = []): ValidationItem => ({
    kind,
    name,
    namespace,
    allowed: violations.length === 0,
    violations,
    warnings,
  });
  const misnamed = typeFaults(object, resource);
  if (misnamed.length > 0 || resource === undefined || !isOwnKind(kind)) {
    return { item: item(misnamed), remarks: misnamed.map(denied(typeRule)) };
  }
  const request = requestOf(placed(object), resource, namespace, text(metadataOf(object)['name']));
  const decision = decide(old === undefined ? request : { ...request, operation: 'UPDATE', oldObject: old }, {
    now,
    facts,
  });
  const before = [
    ...(name === '' ? [required('metadata.name', 'every object needs a name')] : []).map(denied(typeRule)),
    ...unknown(kind, object).map(denied(unknownFieldRule)),
  ];
  const refusals = violationsOf(decision);
  const remarks = [...before, ...refusals, ...decision.findings.filter(({ severity }) => severity === 'warn')];
  return { item: item([...before, ...refusals].map(plain), decision.warnings), remarks };
}

const denied =
  (rule: string) =>
  (violation: Violation): Remark => ({ ...violation, severity: 'deny', rule });

const plain = ({ field, reason, message }: Violation): Violation => ({ field, reason, message });

const unknown = (kind: OwnKindName, object: Raw): readonly Violation[] =>
  unknownFields(kind, object as unknown as KubernetesObject).map(({ field, nearest }) => ({
    field,
    reason: 'FieldValueForbidden',
    message: `Forbidden: unknown field${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
  }));

const required = (field: string, remedy: string): Violation => ({
  field,
  reason: 'FieldValueRequired',
  message: `Required value: ${remedy}`,
});

function typeFaults(object: Raw, resource: Resource | undefined): Violation[] {
  const version = text(object['apiVersion']);
  const faults: Violation[] = [];
  if (version === '') faults.push(required('apiVersion', `write ${GROUP}/${VERSION}`));
  else if (version !== `${GROUP}/${VERSION}`) faults.push(notSupported('apiVersion', version, [`${GROUP}/${VERSION}`]));
  const kind = text(object['kind']);
  const kinds = ownKinds.map((own) => own.kind);
  if (kind === '') faults.push(required('kind', `one of ${kinds.join(', ')}`));
  else if (resource === undefined) faults.push(notSupported('kind', kind, kinds));
  return faults;
}

const notSupported = (field: string, value: string, supported: readonly string[]): Violation => ({
  field,
  reason: 'FieldValueNotSupported',
  message:
    `Unsupported value: ${JSON.stringify(value)}: supported values: ` +
    `${supported.map((known) => JSON.stringify(known)).join(', ')}${didYouMean(value, supported)}`,
});

function requestOf(object: KubernetesObject, resource: Resource, namespace: string, name: string): AdmissionRequest {
  const { group, version, kind, plural } = resource;
  return {
    reviewVersion: 'admission.k8s.io/v1',
    uid: '',
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    subResource: '',
    name,
    namespace,
    operation: 'CREATE',
    userInfo: { username: '', groups: [] },
    object: { ...object, apiVersion: apiVersion(resource) },
    oldObject: undefined,
    dryRun: true,
  };
}

function violationsOf({ allowed, findings, refusal }: Decision): readonly Remark[] {
  if (allowed) return [];
  const refusals = findings.filter(({ severity }) => severity === 'deny');
  if (refusals.length > 0) return refusals;
  const message = refusal?.message ?? 'refused';
  return [denied(schemaRule)({ field: '', reason: refusal?.reason ?? 'InternalError', message })];
}
