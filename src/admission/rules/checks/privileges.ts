/** Rights of a DatabaseUser: the grammar first, then what the engine knows of it. */
import type { Privilege } from '../../../api/types.generated.ts';
import type { Engine } from '../../../engines/engine.ts';
import { closest } from '../../../values/nearest.ts';
import { child, duplicate, forbidden, invalid, keyOf, notSupported, required } from '../../field.ts';
import type { Finding } from '../../finding.ts';

const field = 'spec.privileges';
const targets = ['table', 'collection', 'keyPattern'] as const;

/** Either a preset or named rights; a preset speaks of a whole database or schema. */
export const privilegeForm = (privileges: readonly Privilege[]): readonly Finding[] =>
  privileges.flatMap((privilege, index) => {
    const at = keyOf(field, index);
    const { preset, grant } = privilege;
    if (preset !== undefined && grant !== undefined)
      return [forbidden(at, 'only one of preset and grant may be given; remove the other')];
    if (preset === undefined && grant === undefined)
      return [required(at, 'give preset (readonly, readwrite, owner, admin) or grant')];
    const narrowed = targets.filter((name) => privilege[name] !== undefined);
    if (preset !== undefined && narrowed.length > 0) {
      return [
        forbidden(
          child(at, narrowed[0] ?? ''),
          `a preset speaks of a whole database or schema; use grant to narrow it to a ${narrowed[0] ?? ''}`,
        ),
      ];
    }
    if (narrowed.length > 1) return [forbidden(at, `only one of ${targets.join(', ')} may be given`)];
    return [];
  });

/** Rights and targets that the engine does not have. */
export const privilegeEngine = (privileges: readonly Privilege[], engine: Engine): readonly Finding[] =>
  privileges.flatMap((privilege, index) => {
    const at = keyOf(field, index);
    const { grants, grantTargets } = engine.checks;
    const targetFaults = (['schema', ...targets] as const)
      .filter((name) => privilege[name] !== undefined && !grantTargets.includes(name))
      .map((name) =>
        forbidden(
          child(at, name),
          `${engine.title} has none; ${grantTargets.length === 0 ? 'remove it' : `it knows ${grantTargets.join(', ')}`}`,
        ),
      );
    const unknown = (privilege.grant ?? []).filter(
      (right) => grants.length > 0 && !grants.includes(right.toUpperCase()),
    );
    return [
      ...targetFaults,
      ...unknown.map((right) => notSupported(child(at, 'grant'), right, grants, closest(right, grants))),
    ];
  });

/** A right that could carry a second statement. */
export const privilegeText = (privileges: readonly Privilege[]): readonly Finding[] =>
  privileges.flatMap(({ grant = [], ...rest }, index) => {
    const at = keyOf(field, index);
    const names = (['database', 'schema', 'table', 'collection', 'keyPattern'] as const).flatMap((name) => {
      const value = rest[name];
      return value !== undefined && /\p{Cc}/u.test(value)
        ? [invalid(child(at, name), value, 'must not have control characters')]
        : [];
    });
    const rights = grant.filter((right) => !/^[A-Za-z@+&~-][A-Za-z0-9 @|_-]*$/.test(right));
    return [
      ...names,
      ...rights.map((right) =>
        invalid(child(at, 'grant'), right, 'is no name of a right: letters, digits, blanks, _ and - only'),
      ),
    ];
  });

export function privilegeTwice(privileges: readonly Privilege[]): readonly Finding[] {
  const seen = new Set<string>();
  return privileges.flatMap((privilege, index) => {
    const { preset, grant, database, schema, table, collection, keyPattern } = privilege;
    const key = JSON.stringify([preset, grant, database, schema, table, collection, keyPattern]);
    if (seen.has(key)) return [duplicate(keyOf(field, index), privilege, 'remove one of the two')];
    seen.add(key);
    return [];
  });
}
