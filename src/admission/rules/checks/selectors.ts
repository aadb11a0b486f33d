/** Label selectors, as Kubernetes checks them. */
import type { LabelSelector } from '../../../api/types.generated.ts';
import { labelValueFault, qualifiedNameFault } from '../../../values/names.ts';
import { child, forbidden, invalid, keyOf, required } from '../../field.ts';
import type { Finding } from '../../finding.ts';

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

export function labelFaults(field: string, labels: Readonly<Record<string, string>> | undefined): readonly Finding[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const keyFault = qualifiedNameFault(key);
    const valueFault = labelValueFault(value);
    return [
      ...(keyFault === undefined ? [] : [invalid(keyOf(field, key), key, keyFault)]),
      ...(valueFault === undefined ? [] : [invalid(keyOf(field, key), value, valueFault)]),
    ];
  });
}

export function selectorFaults(field: string, selector: LabelSelector | undefined): readonly Finding[] {
  if (selector === undefined) return [];
  return [
    ...labelFaults(child(field, 'matchLabels'), selector.matchLabels),
    ...requirementFaults(child(field, 'matchExpressions'), selector.matchExpressions ?? []),
  ];
}

/** In and NotIn need values, Exists and DoesNotExist must have none, Gt and Lt exactly one whole number. */
export function requirementFaults(field: string, requirements: readonly Requirement[]): readonly Finding[] {
  return requirements.flatMap(({ key, operator, values = [] }, index) => {
    const at = keyOf(field, index);
    const keyFault = qualifiedNameFault(key);
    const findings = keyFault === undefined ? [] : [invalid(child(at, 'key'), key, keyFault)];
    const place = child(at, 'values');
    if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
      findings.push(required(place, `must be specified when operator is In or NotIn`));
    }
    if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
      findings.push(forbidden(place, 'may not be specified when operator is Exists or DoesNotExist; remove them'));
    }
    if ((operator === 'Gt' || operator === 'Lt') && (values.length !== 1 || !/^-?[0-9]+$/.test(values[0] ?? ''))) {
      findings.push(required(place, 'must be one whole number, in quotes, when operator is Gt or Lt'));
    }
    return findings;
  });
}
