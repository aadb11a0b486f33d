/** Names of databases and accounts. */
import type { IdentifierRules } from '../engine.ts';

const form = {
  pattern: /^[A-Za-z_][A-Za-z0-9_-]*$/,
  patternInWords: 'letters, digits, _ and -, beginning with a letter or _',
};

export const databaseIdentifier: IdentifierRules = {
  ...form,
  maxLength: 64,
  reserved: ['mysql', 'information_schema', 'performance_schema', 'sys'],
  reservedPrefixes: ['mysql.'],
};

export const userIdentifier: IdentifierRules = {
  ...form,
  maxLength: 80,
  reserved: ['root', 'public', 'none', 'event_scheduler'],
  reservedPrefixes: ['mariadb.', 'mysql.', 'database_operator_'],
};
