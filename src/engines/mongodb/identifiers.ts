/** Names of databases and users. */
import type { IdentifierRules } from '../engine.ts';

const form = {
  pattern: /^[A-Za-z_][A-Za-z0-9_-]*$/,
  patternInWords: 'letters, digits, _ and -, beginning with a letter or _',
};

export const databaseIdentifier: IdentifierRules = {
  ...form,
  maxLength: 63,
  reserved: ['admin', 'local', 'config'],
  reservedPrefixes: ['__'],
};

export const userIdentifier: IdentifierRules = {
  ...form,
  maxLength: 64,
  reserved: [],
  reservedPrefixes: ['__', 'database_operator_'],
};
