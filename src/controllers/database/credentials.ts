/**
 * Credentials are made once. Which case it is depends on what is left: the operator's Secret, the application's, and whether
 * there are volumes whose servers know the old passwords.
 */
import type { Database } from '../../api/types.generated.ts';
import { internalSecretName, secretName } from '../../desired/names.ts';
import { makeCredentials, readCredentials } from '../../desired/secret.ts';
import type { RandomBytes } from '../../desired/secret.ts';
import type { Credentials } from '../../desired/index.ts';
import type { Problem } from '../../status/standing.ts';
import { childOf } from './observation.ts';
import type { Observation } from './observation.ts';

export type CredentialsState =
  | { readonly kind: 'known' | 'new' | 'restored'; readonly credentials: Credentials }
  | { readonly kind: 'lost'; readonly problem: Problem };

export function credentialsState(
  database: Database,
  observation: Observation,
  randomBytes: RandomBytes,
  /** The application's, as a backup or its user gave it. */
  given?: string,
): CredentialsState {
  const { name } = database.metadata;
  const internal = childOf(observation, 'Secret', internalSecretName(name));
  const application = childOf(observation, 'Secret', secretName(name));
  if (internal !== undefined) {
    const credentials = readCredentials(internal);
    if (credentials === undefined) return lost(`Secret ${internalSecretName(name)} has lost a key`);
    return { kind: application === undefined ? 'restored' : 'known', credentials };
  }
  if (observation.claims.length > 0) {
    return lost(`Secret ${internalSecretName(name)} is gone, and the volumes hold servers that know its passwords`);
  }
  const fresh = makeCredentials(randomBytes);
  const password = passwordOf(application) ?? given;
  return { kind: 'new', credentials: password === undefined ? fresh : { ...fresh, password } };
}

const lost = (what: string): CredentialsState => ({
  kind: 'lost',
  problem: {
    reason: 'CredentialsLost',
    message: `${what}: restore the Secret from a copy; passwords are never made anew over existing data`,
  },
});

function passwordOf(secret: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { password } = (secret?.['data'] ?? {}) as { readonly password?: string };
  return password === undefined || password === '' ? undefined : Buffer.from(password, 'base64').toString('utf8');
}
