/** Who the requests to S3 are from: mounted files, or the identity that the platform gives the pod. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BackupFault } from '../../engines/backup.ts';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Milliseconds since 1970; absent: they stay good. */
  readonly expires?: number;
}

/** Variables that platforms set in pods with an identity. */
export type AwsEnvironment = Readonly<Record<string, string | undefined>>;

export type Identity = () => Promise<AwsKeys>;

const variables = 'AWS_WEB_IDENTITY_TOKEN_FILE, AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_ACCESS_KEY_ID';

/** Files are read anew for every request: a Secret may be renewed while a backup runs. */
export function identity(directory: string | undefined, region: string, environment: AwsEnvironment): Identity {
  if (directory !== undefined) return () => fromFiles(directory);
  let current: AwsKeys | undefined;
  return async () => {
    if (current === undefined || (current.expires ?? Infinity) - Date.now() < 5 * 60_000) {
      current = await ofPod(region, environment);
    }
    return current;
  };
}

async function fromFiles(directory: string): Promise<AwsKeys> {
  const read = async (name: string): Promise<string> => (await readFile(path.join(directory, name), 'utf8')).trim();
  try {
    const sessionToken = await read('session-token').catch(() => '');
    return {
      accessKeyId: await read('access-key-id'),
      secretAccessKey: await read('secret-access-key'),
      ...(sessionToken !== '' && { sessionToken }),
    };
  } catch (error) {
    const what = 'the Secret named by credentialsSecret needs the keys access-key-id and secret-access-key';
    throw new BackupFault('StorageDenied', what, { cause: error });
  }
}

async function ofPod(region: string, environment: AwsEnvironment): Promise<AwsKeys> {
  const tokenFile = environment['AWS_WEB_IDENTITY_TOKEN_FILE'];
  const role = environment['AWS_ROLE_ARN'];
  if (tokenFile !== undefined && role !== undefined) return webIdentity(tokenFile, role, region, environment);
  const uri = environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (uri !== undefined) return container(uri, environment);
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const sessionToken = environment['AWS_SESSION_TOKEN'];
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  }
  throw new BackupFault(
    'StorageDenied',
    `the pod has no identity for the bucket (none of ${variables}): name a credentialsSecret, or give its ServiceAccount a role`,
  );
}

/** IAM roles for service accounts: the request needs no signature, the token is the proof. */
async function webIdentity(
  tokenFile: string,
  role: string,
  region: string,
  environment: AwsEnvironment,
): Promise<AwsKeys> {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: 'database-operator-backup',
    WebIdentityToken: (await readFile(tokenFile, 'utf8')).trim(),
  });
  const endpoint = environment['AWS_ENDPOINT_URL_STS'] ?? `https://sts.${region}.amazonaws.com/`;
  const text = await answer(new Request(endpoint, { method: 'POST', body: form }));
  const value = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
  return {
    accessKeyId: value('AccessKeyId'),
    secretAccessKey: value('SecretAccessKey'),
    sessionToken: value('SessionToken'),
    expires: Date.parse(value('Expiration')),
  };
}

/** EKS Pod Identity. */
async function container(uri: string, environment: AwsEnvironment): Promise<AwsKeys> {
  const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const token = file === undefined ? environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'] : await readFile(file, 'utf8');
  const headers: Record<string, string> = token === undefined ? {} : { authorization: token.trim() };
  const keys = JSON.parse(await answer(new Request(uri, { headers }))) as Readonly<Record<string, string | undefined>>;
  return {
    accessKeyId: keys['AccessKeyId'] ?? '',
    secretAccessKey: keys['SecretAccessKey'] ?? '',
    ...(keys['Token'] !== undefined && { sessionToken: keys['Token'] }),
    ...(keys['Expiration'] !== undefined && { expires: Date.parse(keys['Expiration']) }),
  };
}

async function answer(request: Request): Promise<string> {
  const response = await fetch(request, { signal: AbortSignal.timeout(15_000) }).catch((error: unknown) => {
    throw new BackupFault('StorageDenied', `${new URL(request.url).host} gives the pod no credentials: no answer`, {
      cause: error,
    });
  });
  const text = await response.text();
  if (response.ok) return text;
  const code = /<Code>([^<]*)/.exec(text)?.[1] ?? '';
  const host = new URL(request.url).host;
  throw new BackupFault('StorageDenied', `${host} gives the pod no credentials: ${response.status} ${code}`.trim());
}
