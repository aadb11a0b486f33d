/** Redis numbers its databases, so a database's name is only a label here; users are those of its ACL. */
import type { IdentifierRules } from '../engine.ts';

const form = {
  maxLength: 64,
  pattern: /^[A-Za-z_][A-Za-z0-9_-]*$/,
  patternInWords: 'letters, digits, _ and -, beginning with a letter or _',
};

export const databaseIdentifier: IdentifierRules = { ...form, reserved: [], reservedPrefixes: [] };

export const userIdentifier: IdentifierRules = {
  ...form,
  reserved: ['default'],
  reservedPrefixes: ['database_operator_'],
};
