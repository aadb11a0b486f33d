/** Names that objects claim inside one server, and whether they may have them. */
import { identifierFault, reservedFault } from '../../admission/rules/checks/identifiers.ts';
import { privilegeEngine } from '../../admission/rules/checks/privileges.ts';
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { DatabaseUser, MultiTenantDatabase } from '../../api/types.generated.ts';
import { applicationUser } from '../../engines/application.ts';
import { alternateName, type UserNames } from '../../engines/users.ts';
import { olderClaim, type Claim } from '../../planning/users.ts';
import { makeSafeIdentifier } from '../../values/names.ts';
import { instanceKey, type Caches } from '../caches.ts';
import type { Known } from './target.ts';

export const usernameOf = (user: DatabaseUser, { engine }: Pick<Known, 'engine'>): string =>
  user.spec.username ?? makeSafeIdentifier(user.metadata.name, engine.userIdentifier);

export function namesOf(user: DatabaseUser, known: Known): UserNames {
  const name = usernameOf(user, known);
  if (!known.driver.alternates) return { name };
  return { name, alternate: alternateName(name, known.engine.userIdentifier.maxLength) };
}

/** Of a tenant: its database, and the user that owns it. */
export const tenantName = (name: string, { engine }: Pick<Known, 'engine'>): string =>
  makeSafeIdentifier(name, engine.userIdentifier);

const claimOf = (object: KubernetesObject, known: Known): Claim => {
  if (object.kind === resources.DatabaseUser.kind) {
    const { name, alternate } = namesOf(object as DatabaseUser, known);
    return { object, names: alternate === undefined ? [name] : [name, alternate] };
  }
  const { spec, status } = object as MultiTenantDatabase;
  const tenants = [...(spec.tenants ?? []), ...(status?.tenants ?? [])].map(({ name }) => tenantName(name, known));
  return { object, names: [...new Set(tenants)] };
};

/** The older object that has one of these names in the same Database. */
export function rivalOf(
  object: KubernetesObject,
  known: Known,
  caches: Caches,
  names?: readonly string[],
): KubernetesObject | undefined {
  const { namespace, name } = known.database.metadata;
  const others = [resources.DatabaseUser, resources.MultiTenantDatabase].flatMap(
    (resource) => caches.store(resource)?.byIndex(instanceKey(namespace, name)) ?? [],
  );
  const mine = claimOf(object, known);
  return olderClaim(
    names === undefined ? mine : { object, names },
    others.map((other) => claimOf(other, known)),
  );
}

/** What is wrong with the name or the rights, now that the engine is known: the field and the words. */
export function faultOf(
  user: DatabaseUser,
  { database, engine }: Known,
): { field: string; message: string } | undefined {
  const field = 'spec.username';
  const name = usernameOf(user, { engine });
  const fault =
    identifierFault(field, name, engine.userIdentifier, engine.title) ??
    reservedFault(field, name, engine.userIdentifier, engine.title) ??
    privilegeEngine(user.spec.privileges ?? [], engine)[0];
  if (fault !== undefined) return fault;
  if (name !== applicationUser(database, engine)) return undefined;
  return { field, message: `is the owner of Database ${database.metadata.name} itself; choose another` };
}
