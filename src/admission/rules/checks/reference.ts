/** `databaseRef`: what it points at, and whether another namespace consents. */
import type { KubernetesObject } from '../../../api/object.ts';
import type { Database, DatabaseReference } from '../../../api/types.generated.ts';
import { engineByName } from '../../../engines/index.ts';
import type { Engine } from '../../../engines/engine.ts';
import type { Facts } from '../../facts.ts';
import { forbidden, notChecked, warning } from '../../field.ts';
import type { Finding } from '../../finding.ts';
import { closest } from '../../../values/nearest.ts';
import { namespaceOf } from '../read.ts';

/** On a namespace: objects of other namespaces may refer to what is in it. */
export const consentLabel = 'database.example.com/allow-references';

type Referring = KubernetesObject & { readonly spec: { readonly databaseRef?: DatabaseReference } };

/** The spec may lack what its type promises: then only the schema has something to say. */
export const targetName = (object: Referring): string | undefined => object.spec.databaseRef?.name;

export const targetNamespace = (object: Referring): string => object.spec.databaseRef?.namespace ?? namespaceOf(object);

export const refersTo = (object: Referring, namespace: string, name: string | undefined): boolean =>
  name !== undefined && targetName(object) === name && targetNamespace(object) === namespace;

/** The Database that is meant, where it is known. */
export function targetOf(object: Referring, facts: Facts): Database | undefined {
  const name = object.spec.databaseRef?.name;
  if (name === undefined) return undefined;
  const fact = facts.get('Database', targetNamespace(object), name);
  return fact.known ? (fact.value as Database | undefined) : undefined;
}

/** Its engine, where it is known. */
export function targetEngine(object: Referring, facts: Facts): Engine | undefined {
  const engine = targetOf(object, facts)?.spec.engine;
  return engine === undefined ? undefined : engineByName(engine);
}

/** A manifest may come before the Database that it is about, so this is never more than a warning. */
export function missingTarget(object: Referring, facts: Facts): readonly Finding[] {
  const name = object.spec.databaseRef?.name;
  if (name === undefined) return [];
  const namespace = targetNamespace(object);
  const fact = facts.get('Database', namespace, name);
  if (!fact.known) {
    return [notChecked('spec.databaseRef.name', `whether Database ${namespace}/${name} exists`, fact.why)];
  }
  if (fact.value !== undefined) return [];
  const others = facts.list('Database', namespace);
  const nearest = others.known
    ? closest(
        name,
        others.value.map(({ metadata }) => metadata.name),
      )
    : undefined;
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return [
    warning(
      'spec.databaseRef.name',
      `Database ${namespace}/${name} does not exist yet: nothing happens until it does${hint}`,
    ),
  ];
}

/** The owner of a namespace says by a label whether others may reach into it. */
export function consentOf(
  field: string,
  { own, other, what }: { own: string; other: string | undefined; what: string },
  facts: Facts,
): readonly Finding[] {
  if (other === undefined || other === own) return [];
  const labels = facts.namespaceLabels(other);
  if (!labels.known) return [notChecked(field, `whether namespace ${other} consents to ${what}`, labels.why)];
  if (labels.value[consentLabel] === 'true') return [];
  return [
    forbidden(
      field,
      `namespace ${other} does not consent to ${what}; who owns it can run: kubectl label namespace ${other} ${consentLabel}=true`,
    ),
  ];
}

export const referenceConsent = (object: Referring, facts: Facts): readonly Finding[] =>
  consentOf(
    'spec.databaseRef.namespace',
    { own: namespaceOf(object), other: object.spec.databaseRef?.namespace, what: 'references from other namespaces' },
    facts,
  );

/** Everything that was made belongs to the first Database. */
export function referenceImmutable(object: Referring, oldObject: Referring | undefined): readonly Finding[] {
  const before = oldObject?.spec.databaseRef;
  const after = object.spec.databaseRef;
  if (oldObject === undefined || before === undefined || after === undefined) return [];
  if (before.name === after.name && targetNamespace(oldObject) === targetNamespace(object)) return [];
  return [
    forbidden(
      'spec.databaseRef',
      `it is ${targetNamespace(oldObject)}/${before.name} and can't be changed; make a new object for the other Database`,
    ),
  ];
}
