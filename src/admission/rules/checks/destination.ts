/** Where backups go: the same fields in Database, DatabaseBackup and bootstrap.recovery. */
import type { S3Destination } from '../../../api/types.generated.ts';
import type { Facts } from '../../facts.ts';
import { forbidden, invalid, notChecked, notFound, required, warning } from '../../field.ts';
import type { Finding } from '../../finding.ts';
import { positiveQuantityFault } from './quantity.ts';
import type { IntOrString } from './quantity.ts';

/** What the backup reads from the Secret. */
export const credentialKeys = ['access-key-id', 'secret-access-key'] as const;

/** Exactly one of the two, where a destination is written at all. */
export function oneDestination(
  field: string,
  destination: { s3?: unknown; pvc?: unknown } | undefined,
): readonly Finding[] {
  if (destination === undefined) return [];
  const { s3, pvc } = destination;
  if (s3 !== undefined && pvc !== undefined)
    return [forbidden(field, 'only one of s3 and pvc may be given; remove the other')];
  if (s3 === undefined && pvc === undefined) {
    return [required(field, 'give s3 or pvc, or remove destination for a volume of the default size')];
  }
  return [];
}

const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/** The naming rules of Amazon S3, which every other service follows. */
export function bucketFault(field: string, bucket: string): Finding | undefined {
  const fault = (detail: string): Finding => invalid(field, bucket, `${detail}; see the naming rules of S3 buckets`);
  if (/^s3:\/\//.test(bucket))
    return invalid(field, bucket, 'must be the name alone, without s3://; a path goes into prefix');
  if (bucket.length < 3 || bucket.length > 63) return fault('must have 3 to 63 characters');
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(bucket)) {
    return fault(
      'must consist of lower-case letters, digits, dots and hyphens, and begin and end with a letter or digit',
    );
  }
  if (bucket.includes('..')) return fault('must not have two dots in a row');
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(bucket)) return fault('must not look like an IP address');
  const prefix = reservedPrefixes.find((reserved) => bucket.startsWith(reserved));
  if (prefix !== undefined) return fault(`must not begin with ${prefix}`);
  const suffix = reservedSuffixes.find((reserved) => bucket.endsWith(reserved));
  return suffix === undefined ? undefined : fault(`must not end with ${suffix}`);
}

/** Amazon needs a region; another service needs an endpoint, whole and without credentials in it. */
export function endpointFaults(field: string, { endpoint, region }: S3Destination): readonly Finding[] {
  if (endpoint === undefined) {
    return region === undefined
      ? [
          required(
            `${field}.region`,
            'Amazon S3 needs the region of the bucket, such as eu-central-1; another service needs endpoint',
          ),
        ]
      : [];
  }
  const at = `${field}.endpoint`;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    return [invalid(at, endpoint, 'must be a URL with https:// or http:// and a host, such as https://s3.example.org')];
  }
  if (url.username !== '' || url.password !== '') {
    return [
      forbidden(
        at,
        'credentials do not belong into a URL, which everybody may read; put them into the Secret credentialsSecret',
      ),
    ];
  }
  if (url.search !== '' || url.hash !== '')
    return [invalid(at, endpoint, 'must not have a query or a fragment; remove them')];
  return [];
}

export function endpointWarnings(field: string, { endpoint, credentialsSecret }: S3Destination): readonly Finding[] {
  if (endpoint === undefined || !URL.canParse(endpoint)) return [];
  const plain = new URL(endpoint).protocol === 'http:';
  return [
    ...(plain
      ? [warning(`${field}.endpoint`, 'plain http: backups and credentials cross the network unencrypted; use https')]
      : []),
    ...(credentialsSecret === undefined
      ? [
          warning(
            `${field}.credentialsSecret`,
            'an endpoint without credentialsSecret: only Amazon knows the identity of a pod',
          ),
        ]
      : []),
  ];
}

/** Becomes the beginning of object names. */
export function prefixFault(field: string, prefix: string | undefined): Finding | undefined {
  if (prefix === undefined) return undefined;
  if (prefix.startsWith('/'))
    return invalid(field, prefix, `must not begin with /; did you mean "${prefix.replace(/^\/+/, '')}"?`);
  if (/(^|\/)\.\.?(\/|$)/.test(prefix)) return invalid(field, prefix, 'must not have . or .. as a part');
  return /[\p{Cc}\\]/u.test(prefix)
    ? invalid(field, prefix, 'must not have control characters or backslashes')
    : undefined;
}

/** A Secret of the own namespace and the keys that are read from it. */
export function secretFindings(
  field: string,
  secret: { namespace: string; name: string | undefined; keys: readonly string[] },
  facts: Facts,
): readonly Finding[] {
  if (secret.name === undefined) return [];
  const found = facts.secretKeys(secret.namespace, secret.name);
  if (!found.known)
    return [notChecked(field, `whether Secret ${secret.name} exists and has ${secret.keys.join(', ')}`, found.why)];
  if (found.value === undefined) {
    return [warning(field, `Secret ${secret.name} does not exist yet; make it with ${secret.keys.join(', ')}`)];
  }
  const held = new Set(found.value);
  const missing = secret.keys.filter((key) => !held.has(key));
  if (missing.length === 0) return [];
  return [
    notFound(
      field,
      secret.name,
      `the Secret has no key ${missing.join(', ')} (it has: ${found.value.join(', ')}); add it`,
    ),
  ];
}

/** Less than the data can't hold a dump of it for long. */
export function smallClaim(
  field: string,
  size: IntOrString | undefined,
  bytes: { claim: number | undefined; data: number | undefined },
): readonly Finding[] {
  if (size === undefined || bytes.claim === undefined || bytes.data === undefined || bytes.claim >= bytes.data)
    return [];
  return [
    warning(
      field,
      `${size} is smaller than the volume of the database: backups may not fit; use twice the size of the data`,
    ),
  ];
}

export function claimSizeFault(field: string, size: IntOrString | undefined): Finding | undefined {
  return positiveQuantityFault(field, size, '20Gi');
}
