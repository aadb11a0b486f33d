/** Labels, annotations and environment of pods: what users add, and what the operator keeps for itself. */
import type { EnvVar } from '../../../api/types.generated.ts';
import { qualifiedNameFault } from '../../../values/names.ts';
import { child, duplicate, forbidden, invalid, keyOf, tooLong, warning } from '../../field.ts';
import type { Finding } from '../../finding.ts';

type Map = Readonly<Record<string, string>> | undefined;

/** Set by the operator or by Kubernetes itself; selectors rest on them. */
const reservedLabels = new Set([
  ...['app', 'engine', 'version', 'role', 'controller-revision-hash', 'pod-template-hash'],
  ...['name', 'instance', 'version', 'component', 'part-of', 'managed-by'].map((end) => `app.kubernetes.io/${end}`),
  ...['statefulset.kubernetes.io/pod-name', 'apps.kubernetes.io/pod-index'],
]);
const ownDomain = 'database.example.com/';
/** Of all annotations of an object together. */
const annotationBytes = 256 * 1024;

export const reservedLabelFaults = (field: string, labels: Map): readonly Finding[] =>
  Object.keys(labels ?? {})
    .filter((key) => reservedLabels.has(key) || key.startsWith(ownDomain))
    .map((key) =>
      forbidden(
        keyOf(field, key),
        'the operator sets this label, and Services select by it; use a label with a domain of your own',
      ),
    );

export function annotationFaults(field: string, annotations: Map): readonly Finding[] {
  const entries = Object.entries(annotations ?? {});
  const bytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const findings = entries.flatMap(([key]) => {
    if (key.startsWith(ownDomain)) {
      return [
        forbidden(
          keyOf(field, key),
          'the operator plans restarts by annotations of this domain; use a domain of your own',
        ),
      ];
    }
    const fault = qualifiedNameFault(key.toLowerCase());
    return fault === undefined ? [] : [invalid(keyOf(field, key), key, fault)];
  });
  return bytes > annotationBytes
    ? [...findings, tooLong(field, annotationBytes, 'keep large data in a ConfigMap')]
    : findings;
}

/** They change how programs are loaded, before any of our scripts runs. */
const ownedEverywhere = ['LD_*', 'PATH', 'HOME', 'IFS', 'ENV', 'BASH_ENV'];

export function environmentFaults(
  field: string,
  variables: readonly EnvVar[],
  owned: readonly string[],
): readonly Finding[] {
  const patterns = [...ownedEverywhere, ...owned];
  const seen = new Set<string>();
  return variables.flatMap(({ name }, index) => {
    const at = child(keyOf(field, index), 'name');
    const pattern = patterns.find((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name));
    const findings: Finding[] = [];
    if (pattern !== undefined)
      findings.push(forbidden(at, `${pattern} is set up by the operator; use spec.config or spec.config.parameters`));
    if (seen.has(name)) findings.push(duplicate(at, name, 'remove one of the two'));
    seen.add(name);
    return findings;
  });
}

/** The object is readable by everyone who may read Databases. */
export const exposedSecrets = (field: string, variables: readonly EnvVar[]): readonly Finding[] =>
  variables.flatMap(({ name, value = '' }, index) =>
    value !== '' && /(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)/i.test(name)
      ? [
          warning(
            keyOf(field, index),
            `${name} looks like a secret, and everyone who may read this object can read it; keep secrets in Secrets`,
          ),
        ]
      : [],
  );
