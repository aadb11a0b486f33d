/** Names inside a server: each engine has its own rules and its own reserved names, and no others count. */
import type { IdentifierRules } from '../../../engines/engine.ts';
import { invalid } from '../../field.ts';
import type { Finding } from '../../finding.ts';

/** Length and characters. */
export function identifierFault(
  field: string,
  name: string,
  rules: IdentifierRules,
  engine: string,
): Finding | undefined {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > rules.maxLength) {
    return invalid(field, name, `must be no more than ${rules.maxLength} bytes on ${engine}: it has ${bytes}`);
  }
  if (rules.pattern.test(name)) return undefined;
  return invalid(field, name, `must be ${rules.patternInWords} (${engine})`);
}

/** Names that the engine keeps for itself; case does not help. */
export function reservedFault(
  field: string,
  name: string,
  rules: IdentifierRules,
  engine: string,
): Finding | undefined {
  const lower = name.toLowerCase();
  const prefix = rules.reservedPrefixes.find((reserved) => lower.startsWith(reserved));
  if (prefix !== undefined) {
    return invalid(field, name, `names that begin with ${prefix} are reserved by ${engine}; choose another`);
  }
  if (!rules.reserved.includes(lower)) return undefined;
  return invalid(field, name, `is reserved by ${engine}; choose another, such as ${lower}_app`);
}
