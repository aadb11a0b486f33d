/**
 * Request in, decision out. What was stored and is not touched is never held against a change: a finalizer comes off and a
 * label goes on whatever the spec says, and an old fault blocks only who touches its field.
 */
import type { KubernetesObject } from '../api/object.ts';
import { CustomResourceDefinition, GROUP, ownKinds } from '../api/resources.ts';
import { pruneSpec } from '../api/schema-prune.ts';
import type { OwnKindName } from '../api/types.generated.ts';
import type { DecideContext } from './context.ts';
import { allowed, internalStatus, invalidStatus } from './decision.ts';
import type { Decision } from './decision.ts';
import { complete } from './defaults.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation, Subject } from './evaluate.ts';
import type { RuleFinding } from './finding.ts';
import { decideDefinitionDelete } from './definitions.ts';
import { atField, getIn, isObject, sameJson, withoutNulls } from './json.ts';
import { patchOf } from './json-patch.ts';
import { withPlan } from './plan.ts';
import type { AdmissionRequest } from './review.ts';

export type { DecideContext } from './context.ts';
export type { Decision } from './decision.ts';
export { recheck } from './evaluate.ts';

/** Never throws. Foreign kinds, CONNECT and the status subresource are allowed as they are. */
export function decide(request: AdmissionRequest, context: DecideContext): Decision {
  try {
    return route(request, context);
  } catch (error) {
    context.onPanic?.('', error);
    return { ...allowed, allowed: false, refusal: internalStatus('admission failed: this is a fault of the operator') };
  }
}

/** What is decided here, as it is counted: `databases`, `databases/scale`. */
export const decidedResources: readonly string[] = [
  ...ownKinds.flatMap(({ plural }) => [plural, `${plural}/scale`, `${plural}/status`]),
  CustomResourceDefinition.plural,
];

function route(request: AdmissionRequest, context: DecideContext): Decision {
  const { group, resource } = request.resource;
  if (group === CustomResourceDefinition.group && resource === CustomResourceDefinition.plural) {
    return decideDefinitionDelete(request, context);
  }
  const kind = ownKinds.find(({ plural }) => plural === resource)?.kind as OwnKindName | undefined;
  if (group !== GROUP || kind === undefined || request.operation === 'CONNECT') return allowed;
  if (request.subResource === 'scale') return decideScale(request, kind, context);
  if (request.subResource !== '') return allowed;
  if (request.operation === 'DELETE') return decideDelete(request, kind, context);
  return request.object === undefined ? allowed : decideWrite(request, kind, request.object, context);
}

function decideWrite(
  request: AdmissionRequest,
  kind: OwnKindName,
  whole: KubernetesObject,
  context: DecideContext,
): Decision {
  const written = pruneSpec(kind, whole);
  const stored = request.operation === 'UPDATE' ? request.oldObject && pruneSpec(kind, request.oldObject) : undefined;
  if (stored !== undefined && isUntouched(written, stored)) return allowed;
  const { object, assignments } = complete(kind, written, stored);
  const oldObject = stored && complete(kind, stored).object;
  const subject: Subject = {
    kind,
    operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
    written: withoutNulls(written),
    object,
    oldObject,
    user: request.userInfo,
  };
  const decided = verdict(ratchet(subject, evaluate(subject, context), context), kind, request);
  return {
    ...decided,
    // The API server asks /validate last, about the object that all webhooks have made: only then is there a plan to tell.
    ...(decided.allowed && context.mode !== 'mutate' && withPlan(subject, decided.warnings, context)),
    patch: patchOf(written, assignments),
    defaulted: assignments.map(({ path }) => path.join('.')),
  };
}

/** Only metadata changes, or the object is on its way out. */
const isUntouched = (object: KubernetesObject, stored: KubernetesObject): boolean =>
  getIn(object, ['metadata', 'deletionTimestamp']) !== undefined || sameJson(object['spec'], stored['spec']);

/** Faults that the stored object already has, at fields that this change leaves alone, become warnings. */
function ratchet(subject: Subject, evaluation: Evaluation, context: DecideContext): Evaluation {
  const { object, oldObject } = subject;
  if (oldObject === undefined || !evaluation.findings.some(({ severity }) => severity === 'deny')) return evaluation;
  const before = evaluate(
    { ...subject, written: oldObject, object: oldObject },
    { ...context, onPanic: () => undefined },
  );
  const known = new Set(before.findings.map(identity));
  const findings = evaluation.findings.map((finding): RuleFinding => {
    const isOld = finding.severity === 'deny' && known.has(identity(finding));
    if (!isOld || !sameJson(atField(object, finding.field), atField(oldObject, finding.field))) return finding;
    return { ...finding, severity: 'warn', message: `stored before and not refused now: ${finding.message}` };
  });
  return { ...evaluation, findings };
}

const identity = ({ rule, field, message }: RuleFinding): string => JSON.stringify([rule, field, message]);

function decideDelete(request: AdmissionRequest, kind: OwnKindName, context: DecideContext): Decision {
  const object = request.oldObject;
  if (object === undefined || isCollector(request.userInfo.username)) return allowed;
  const completed = complete(kind, object).object;
  const user = request.userInfo;
  const subject = {
    kind,
    operation: 'DELETE',
    written: object,
    object: completed,
    oldObject: undefined,
    user,
  } as const;
  return { ...verdict(evaluate(subject, context), kind, request), patch: [], defaulted: [] };
}

/** Namespace deletion and garbage collection must always come to an end. */
const isCollector = (username: string): boolean =>
  username === 'system:kube-controller-manager' ||
  username === 'system:serviceaccount:kube-system:namespace-controller' ||
  username === 'system:serviceaccount:kube-system:generic-garbage-collector';

/** A Scale says nothing but a number: the rest of the object is what the store holds. */
function decideScale(request: AdmissionRequest, kind: OwnKindName, context: DecideContext): Decision {
  const replicas = getIn(request.object, ['spec', 'replicas']) ?? 0;
  const { name, namespace } = request;
  const fact = context.facts.get(kind, namespace, name);
  const stored = fact.known ? fact.value : undefined;
  if (stored !== undefined && isObject(stored['spec'])) {
    const scaled = { ...stored, spec: { ...stored['spec'], replicas } };
    const asWrite: AdmissionRequest = { ...request, operation: 'UPDATE', object: scaled, oldObject: stored };
    return { ...decideWrite(asWrite, kind, scaled, context), patch: [], defaulted: [] };
  }
  const blank = { apiVersion: `${GROUP}/v1`, kind, metadata: { name, namespace }, spec: { replicas } };
  const subject = { kind, operation: 'CREATE', written: blank, object: blank, oldObject: undefined } as const;
  const { findings, panics } = evaluate({ ...subject, user: request.userInfo }, context);
  const ofReplicas = findings.filter(({ field, severity }) => field === 'spec.replicas' && severity === 'deny');
  const decision = verdict({ findings: ofReplicas, panics }, kind, request);
  return {
    ...decision,
    warnings: [
      ...decision.warnings,
      'spec.replicas: not checked against the rest of the object, which is not known yet',
    ],
    patch: [],
    defaulted: [],
  };
}

function verdict(
  { findings, panics }: Evaluation,
  kind: OwnKindName,
  request: AdmissionRequest,
): Omit<Decision, 'patch' | 'defaulted'> {
  const warnings = findings
    .filter(({ severity }) => severity === 'warn')
    .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
  if (panics.length > 0) {
    const message = `rule ${panics.join(', ')} failed: this is a fault of the operator, and nothing passes unchecked`;
    return { allowed: false, findings, warnings, refusal: internalStatus(message) };
  }
  const violations = findings.filter(({ severity }) => severity === 'deny');
  if (violations.length === 0) return { allowed: true, findings, warnings };
  return {
    allowed: false,
    findings,
    warnings,
    refusal: invalidStatus(GROUP, kind, nameOf(request), violations),
  };
}

/** `orders`, or `orders-*` where the API server has yet to choose the end. */
function nameOf({ name, object, oldObject }: AdmissionRequest): string {
  if (name !== '') return name;
  const metadata = (object ?? oldObject)?.metadata;
  if (typeof metadata?.name === 'string' && metadata.name !== '') return metadata.name;
  return typeof metadata?.generateName === 'string' ? `${metadata.generateName}*` : '';
}
