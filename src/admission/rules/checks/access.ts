/** Which grants a DatabaseUser needs from Kubernetes' RBAC, and what to say where they are missing. */
import { GROUP } from '../../../api/resources.ts';
import type { DatabaseUser, Privilege } from '../../../api/types.generated.ts';
import { parseDuration } from '../../../values/duration.ts';
import { dns1123SubdomainFault } from '../../../values/names.ts';
import type { AccessQuestion, Facts } from '../../facts.ts';
import { forbidden, keyOf, notChecked } from '../../field.ts';
import type { Finding } from '../../finding.ts';
import { sameJson } from '../../json.ts';
import type { UserInfo } from '../../rule.ts';
import { targetName, targetNamespace } from './reference.ts';

/** A subresource of `databases` that the writer must be allowed to create, and the field that asks for it. */
export interface AccessNeed {
  readonly field: string;
  readonly subresource: string;
}

/** Each gives what those before it give. */
const ranks = ['readonly', 'readwrite', 'owner', 'admin'] as const;

/** What `object` hands out beyond `oldObject`. Keeping, narrowing and taking away are free. */
export function accessNeeds(object: DatabaseUser, oldObject: DatabaseUser | undefined): readonly AccessNeed[] {
  const privileges = object.spec.privileges ?? [];
  const before = oldObject?.spec.privileges ?? [];
  const added = privileges.flatMap((privilege, index) =>
    before.some((old) => covers(old, privilege)) ? [] : needs(keyOf('spec.privileges', index), privilege),
  );
  const opened = oldObject === undefined ? [] : openedFields(object, oldObject);
  return [...added, ...opened.flatMap((field) => onceEach(privileges.flatMap((privilege) => needs(field, privilege))))];
}

function needs(field: string, { preset, grant }: Privilege): readonly AccessNeed[] {
  if (grant !== undefined) return [{ field, subresource: 'grant-admin' }];
  return preset !== undefined && ranks.includes(preset) ? [{ field, subresource: `grant-${preset}` }] : [];
}

const onceEach = (all: readonly AccessNeed[]): readonly AccessNeed[] => [
  ...new Map(all.map((need) => [need.subresource, need])).values(),
];

function covers(old: Privilege, { preset, grant, ...target }: Privilege): boolean {
  const { preset: oldPreset, grant: oldGrant, ...oldTarget } = old;
  if (!sameJson(target, oldTarget)) return false;
  if (grant !== undefined) return preset === undefined && grant.every((right) => oldGrant?.includes(right) === true);
  if (preset === undefined || oldPreset === undefined) return preset === oldPreset;
  return ranks.indexOf(preset) <= ranks.indexOf(oldPreset);
}

/** Fields through which what was granted to one reaches others, or lasts longer. */
function openedFields({ spec }: DatabaseUser, { spec: old }: DatabaseUser): readonly string[] {
  const published = old.secretNamespaces ?? [];
  return [
    ...(spec.passwordSecret !== undefined && !sameJson(spec.passwordSecret, old.passwordSecret)
      ? ['spec.passwordSecret']
      : []),
    ...(spec.secretNamespaces ?? []).flatMap((namespace, index) =>
      published.includes(namespace) ? [] : [keyOf('spec.secretNamespaces', index)],
    ),
    ...(lifetime(spec.expiresAfter) > lifetime(old.expiresAfter) ? ['spec.expiresAfter'] : []),
  ];
}

/** Milliseconds. */
function lifetime(expiresAfter: string | undefined): number {
  if (expiresAfter === undefined) return Infinity;
  const parsed = parseDuration(expiresAfter);
  return parsed.ok ? parsed.value : 0;
}

/** One finding for each field that asks for too much; one alone where nobody can be asked. */
export function accessFindings(
  all: readonly AccessNeed[],
  { object, user }: { readonly object: DatabaseUser; readonly user: UserInfo },
  facts: Facts,
): readonly Finding[] {
  const name = targetName(object);
  if (name === undefined) return [];
  const namespace = targetNamespace(object);
  const unknown = new Set<string>();
  const findings = all.flatMap(({ field, subresource }) => {
    const question: AccessQuestion = { subresource, namespace, name };
    const answer = facts.access?.(question);
    if (answer?.known !== true) {
      unknown.add(subresource);
      return [];
    }
    if (answer.value === 'allowed') return [];
    return [forbidden(field, answer.value === 'denied' ? denied(question, user) : unanswered(question))];
  });
  if (unknown.size === 0) return findings;
  const what = `whether you may create ${[...unknown].map((one) => `databases/${one}`).join(', ')}, which RBAC decides`;
  return [...findings, notChecked('spec.privileges', what)];
}

const unanswered = ({ subresource }: AccessQuestion): string =>
  `the API server did not say in time whether you may create databases/${subresource}, and nothing is granted unasked; try again, or see the operator's log`;

/** With the commands that mend it. They are pasted into an administrator's shell: what could be more than a word is left out. */
function denied({ subresource, namespace, name }: AccessQuestion, { username }: UserInfo): string {
  const inNamespace = `-n ${dns1123SubdomainFault(namespace) === undefined ? namespace : 'NAMESPACE'}`;
  const database = dns1123SubdomainFault(name) === undefined ? name : 'DATABASE';
  const who = /^[A-Za-z0-9][A-Za-z0-9:@._-]{0,200}$/.test(username) ? username : 'USER';
  const role = `${database}-${subresource}`;
  return [
    `${who} may not grant this on Database ${namespace}/${name}: it takes the verb create on databases/${subresource} (${GROUP});`,
    `an administrator can allow it: kubectl create role ${role} ${inNamespace} --verb=create`,
    `--resource=databases.${GROUP}/${subresource} --resource-name=${database};`,
    `kubectl create rolebinding ${role}:${who} ${inNamespace} --role=${role} --user=${who}`,
  ].join(' ');
}
