/** Names of databases and roles. Identifiers are always quoted, so only what PostgreSQL keeps for itself is refused. */
import type { IdentifierRules } from '../engine.ts';

const form = {
  /** NAMEDATALEN - 1. */
  maxLength: 63,
  pattern: /^[A-Za-z_][A-Za-z0-9_-]*$/,
  patternInWords: 'letters, digits, _ and -, beginning with a letter or _',
};

export const databaseIdentifier: IdentifierRules = {
  ...form,
  reserved: ['postgres', 'template0', 'template1'],
  reservedPrefixes: ['pg_'],
};

export const userIdentifier: IdentifierRules = {
  ...form,
  reserved: ['postgres', 'public', 'none'],
  reservedPrefixes: ['pg_', 'database_operator_'],
};
