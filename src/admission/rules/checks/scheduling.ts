/** Tolerations, affinity and spread, as Kubernetes checks them in a pod. */
import type {
  Affinity,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '../../../api/types.generated.ts';
import { labelValueFault, qualifiedNameFault } from '../../../values/names.ts';
import { child, duplicate, invalid, keyOf, required } from '../../field.ts';
import type { Finding } from '../../finding.ts';
import { requirementFaults, selectorFaults } from './selectors.ts';

export const tolerationFaults = (field: string, tolerations: readonly Toleration[]): readonly Finding[] =>
  tolerations.flatMap((toleration, index) => oneToleration(keyOf(field, index), toleration));

function oneToleration(
  at: string,
  { key = '', operator, value = '', effect, tolerationSeconds }: Toleration,
): readonly Finding[] {
  const findings: Finding[] = [];
  const keyFault = key === '' ? undefined : qualifiedNameFault(key);
  if (keyFault !== undefined) findings.push(invalid(child(at, 'key'), key, keyFault));
  if (key === '' && operator !== 'Exists') {
    findings.push(
      invalid(child(at, 'operator'), operator ?? 'Equal', 'must be Exists when key is empty, which means every taint'),
    );
  }
  if (operator === 'Exists' && value !== '') {
    findings.push(invalid(child(at, 'value'), value, 'must be empty when operator is Exists; remove it'));
  }
  const valueFault = operator === 'Exists' ? undefined : labelValueFault(value);
  if (valueFault !== undefined) findings.push(invalid(child(at, 'value'), value, valueFault));
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    findings.push(invalid(child(at, 'effect'), effect ?? '', 'must be NoExecute when tolerationSeconds is set'));
  }
  return findings;
}

const required_ = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

export function affinityFaults(field: string, affinity: Affinity | undefined): readonly Finding[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  const at = child(field, 'nodeAffinity');
  const terms = nodeAffinity?.[required_]?.nodeSelectorTerms;
  const wishes = nodeAffinity?.[preferred] ?? [];
  return [
    ...(terms?.length === 0
      ? [required(child(at, required_, 'nodeSelectorTerms'), 'must have at least one node selector term')]
      : []),
    ...(terms ?? []).flatMap((term, index) => nodeTerm(keyOf(child(at, required_, 'nodeSelectorTerms'), index), term)),
    ...wishes.flatMap(({ preference }, index) =>
      nodeTerm(child(keyOf(child(at, preferred), index), 'preference'), preference),
    ),
    ...weights(child(at, preferred), wishes),
    ...podTerms(child(field, 'podAffinity'), podAffinity),
    ...podTerms(child(field, 'podAntiAffinity'), podAntiAffinity),
  ];
}

function nodeTerm(at: string, { matchExpressions = [], matchFields = [] }: NodeSelectorTerm): readonly Finding[] {
  const fields = matchFields.flatMap(({ key, operator, values = [] }, index) => {
    const place = keyOf(child(at, 'matchFields'), index);
    if (key !== 'metadata.name')
      return [invalid(child(place, 'key'), key, 'must be metadata.name, the only field that can be selected')];
    const isOne = (operator === 'In' || operator === 'NotIn') && values.length === 1;
    return isOne ? [] : [required(child(place, 'values'), 'must be exactly one node name, with operator In or NotIn')];
  });
  return [...requirementFaults(child(at, 'matchExpressions'), matchExpressions), ...fields];
}

const weights = (field: string, terms: readonly { readonly weight: number }[]): readonly Finding[] =>
  terms.flatMap(({ weight }, index) =>
    weight >= 1 && weight <= 100
      ? []
      : [invalid(child(keyOf(field, index), 'weight'), weight, 'must be in the range 1-100')],
  );

function podTerms(field: string, affinity: PodAffinity | undefined): readonly Finding[] {
  const wishes = affinity?.[preferred] ?? [];
  return [
    ...(affinity?.[required_] ?? []).flatMap((term, index) => podTerm(keyOf(child(field, required_), index), term)),
    ...wishes.flatMap(({ podAffinityTerm }, index) =>
      podTerm(child(keyOf(child(field, preferred), index), 'podAffinityTerm'), podAffinityTerm),
    ),
    ...weights(child(field, preferred), wishes),
  ];
}

function podTerm(at: string, { topologyKey, labelSelector, namespaceSelector }: PodAffinityTerm): readonly Finding[] {
  const fault = topologyKey === '' ? 'can not be empty' : qualifiedNameFault(topologyKey);
  return [
    ...(fault === undefined
      ? []
      : [
          invalid(child(at, 'topologyKey'), topologyKey, `${fault}; write a node label such as kubernetes.io/hostname`),
        ]),
    ...selectorFaults(child(at, 'labelSelector'), labelSelector),
    ...selectorFaults(child(at, 'namespaceSelector'), namespaceSelector),
  ];
}

export function spreadFaults(field: string, constraints: readonly TopologySpreadConstraint[]): readonly Finding[] {
  const seen = new Set<string>();
  return constraints.flatMap((constraint, index) => {
    const { topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    const at = keyOf(field, index);
    const fault = qualifiedNameFault(topologyKey);
    const findings = [
      ...(fault === undefined ? [] : [invalid(child(at, 'topologyKey'), topologyKey, fault)]),
      ...selectorFaults(child(at, 'labelSelector'), labelSelector),
    ];
    if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule') {
      findings.push(
        invalid(
          child(at, 'minDomains'),
          minDomains,
          'can only be used with whenUnsatisfiable DoNotSchedule; remove it',
        ),
      );
    }
    const pair = `${topologyKey} ${whenUnsatisfiable}`;
    if (seen.has(pair))
      findings.push(duplicate(at, pair, 'a pair of topologyKey and whenUnsatisfiable stands once; merge the two'));
    seen.add(pair);
    return findings;
  });
}
