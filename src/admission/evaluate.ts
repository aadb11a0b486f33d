/**
 * Schema and rules over one object: everything that is wrong, in field order. A rule may rely on the generated types below
 * the spec: what breaks them is reported and then hidden from it. A rule that throws is a fault of ours; it is named, and the
 * others still run.
 */
import type { KubernetesObject } from '../api/object.ts';
import { schemaKinds, validateSchema } from '../api/schema.ts';
import type { OwnKindName } from '../api/types.generated.ts';
import type { DecideContext } from './context.ts';
import { complete } from './defaults.ts';
import { noFacts } from './facts.ts';
import type { Facts } from './facts.ts';
import type { RuleFinding } from './finding.ts';
import { isObject, without } from './json.ts';
import { metadataFaults, withPlainMetadata } from './metadata.ts';
import { indexed, rulesAbout } from './rule-index.ts';
import type { RuleIndex } from './rule-index.ts';
import { rules as allRules } from './rules/index.ts';
import type { Operation, Rule, UserInfo } from './rule.ts';
import { remembered } from '../values/remembered.ts';

/** The id under which findings of the generated schema are reported. */
export const schemaRule = 'SCHEMA';

export interface Subject {
  readonly kind: OwnKindName;
  readonly operation: Operation;
  /** As it came. */
  readonly written: KubernetesObject;
  readonly object: KubernetesObject;
  readonly oldObject: KubernetesObject | undefined;
  readonly user: UserInfo;
}

type Fault = Pick<RuleFinding, 'field' | 'reason'>;

export interface Evaluation {
  readonly findings: readonly RuleFinding[];
  /** Ids of the rules that threw. */
  readonly panics: readonly string[];
}

export function evaluate(subject: Subject, context: DecideContext): Evaluation {
  const faults = [...metadataFindings(subject.object), ...schemaFindings(subject.kind, subject.object)];
  const { findings, panics } = runRules(reliableSubject(subject, faults), context);
  if (subject.operation === 'DELETE' || faults.length === 0) return { findings: sorted(findings), panics };
  const hidden = faults.filter(({ reason }) => hides.has(reason)).map(({ field }) => field);
  const told = findings.filter(({ field }) => !hidden.some((fault) => isWithin(field, fault)));
  const refused = told.filter(({ severity }) => severity === 'deny').map(({ field }) => field);
  const unsaid = faults.filter((fault) => !refused.some((field) => says(field, fault)));
  return { findings: sorted([...unsaid, ...told]), panics };
}

/** A rule says it in better words. The schema finds duplicates at the item, rules at its name. */
const says = (field: string, fault: Fault): boolean =>
  fault.reason === 'FieldValueDuplicate' ? isWithin(field, fault.field) : field === fault.field;

function schemaFindings(kind: OwnKindName, object: KubernetesObject): readonly RuleFinding[] {
  return validateSchema(kind, object).map(({ field, reason, message }) => ({
    field,
    reason,
    message,
    severity: 'deny',
    rule: schemaRule,
  }));
}

const metadataFindings = (object: KubernetesObject): readonly RuleFinding[] =>
  metadataFaults(object).map((finding) => ({ ...finding, rule: schemaRule }));

/** What is stored may break the types too, where the schema was once another. */
function reliableSubject(subject: Subject, faults: readonly Fault[]): Subject {
  const { kind, object, oldObject } = subject;
  const stored = oldObject !== undefined && isObject(oldObject['spec']) ? oldObject : undefined;
  const plain = withPlainMetadata(faults.length === 0 ? object : reliable(kind, object));
  const plainStored = stored && withPlainMetadata(reliable(kind, stored));
  if (plain === object && plainStored === oldObject) return subject;
  return { ...subject, object: plain, oldObject: plainStored };
}

/** Without what breaks the generated types. Taking something out can leave a hole above it, hence the repetition. */
function reliable(kind: OwnKindName, object: KubernetesObject): KubernetesObject {
  let current = object;
  for (;;) {
    const fields = unreliable(validateSchema(kind, current));
    const next = fields.reduce(without, current);
    if (fields.length === 0 || next === current) return current;
    current = next;
  }
}

/** Of a wrong type, or beyond the bounds that keep rules quick. */
const hides: ReadonlySet<string> = new Set(['FieldValueTypeInvalid', 'FieldValueTooMany', 'FieldValueTooLong']);

/** Such values, and objects that lack what the types promise. The spec itself always stays. */
const unreliable = (faults: readonly Fault[]): readonly string[] =>
  faults.flatMap(({ field, reason }) => {
    if (hides.has(reason)) return [field];
    const parent = field.slice(0, field.lastIndexOf('.'));
    return reason === 'FieldValueRequired' && parent !== 'spec' ? [parent] : [];
  });

function runRules(subject: Subject, context: DecideContext): Evaluation {
  if (!isObject(subject.object['spec'])) return { findings: [], panics: [] };
  const { now, facts } = context;
  const input = { ...subject, now, facts };
  const findings: RuleFinding[] = [];
  const panics: string[] = [];
  for (const rule of rulesAbout(subject.object, indexFor(subject, context.rules))) {
    try {
      for (const finding of rule.check(input)) findings.push({ ...finding, rule: rule.id });
    } catch (error) {
      panics.push(rule.id);
      context.onPanic?.(rule.id, error);
    }
  }
  return { findings, panics: panics.sort() };
}

type Occasion = Pick<Subject, 'kind' | 'operation'>;

const among = (rules: readonly Rule[], { kind, operation }: Occasion): readonly Rule[] =>
  rules.filter((rule) => rule.kind === kind && rule.on.includes(operation));

/** Made once: the table is long, and requests are many. */
const indicesOf = (operation: Operation): ReadonlyMap<OwnKindName, RuleIndex> =>
  new Map(schemaKinds.map((kind) => [kind, indexed(among(allRules, { kind, operation }))]));

const indices = { CREATE: indicesOf('CREATE'), UPDATE: indicesOf('UPDATE'), DELETE: indicesOf('DELETE') };

const indexFor = (occasion: Occasion, given: readonly Rule[] | undefined): RuleIndex =>
  (given === undefined ? indices[occasion.operation].get(occasion.kind) : undefined) ??
  indexed(among(given ?? allRules, occasion));

const isWithin = (field: string, parent: string): boolean =>
  field === parent || field.startsWith(`${parent}.`) || field.startsWith(`${parent}[`);

/**
 * What the loop asks before it acts on what is stored: refusals only. Of live facts nothing but the consent of namespaces
 * counts: other objects and Secrets come and go, and a passing state of theirs must not freeze a Database.
 */
export function recheck(
  object: KubernetesObject,
  context: Pick<DecideContext, 'now' | 'facts' | 'onPanic'>,
): readonly RuleFinding[] {
  const kind = object.kind as OwnKindName;
  const { object: completed } = complete(kind, object);
  const user = { username: '', groups: [] };
  const subject = {
    kind,
    operation: 'UPDATE',
    written: object,
    object: completed,
    oldObject: completed,
    user,
  } as const;
  const facts: Facts = { ...noFacts, namespaceLabels: (namespace) => context.facts.namespaceLabels(namespace) };
  return evaluate(subject, { ...context, facts }).findings.filter(({ severity }) => severity === 'deny');
}

const order = remembered((field) => ({ place: field.replace(/\d+/g, (digits) => digits.padStart(6, '0')) }));

/** By field, list items by number; refusals before warnings. */
const sorted = (findings: readonly RuleFinding[]): readonly RuleFinding[] =>
  findings.length < 2 ? findings : inOrder(findings);

const inOrder = (findings: readonly RuleFinding[]): readonly RuleFinding[] =>
  findings
    .map((finding) => ({ finding, place: order(finding.field).place }))
    .sort((left, right) => compareTexts(left.place, right.place) || bySeverity(left.finding, right.finding))
    .map(({ finding }) => finding);

const bySeverity = (left: RuleFinding, right: RuleFinding): number =>
  compareTexts(left.severity, right.severity) || compareTexts(left.rule, right.rule);

const compareTexts = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1);
