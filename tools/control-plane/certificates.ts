/** Throw-away certificates for one control plane: ECDSA P-256, valid for a week, never written outside its own folder. */
import { generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';

export interface CertificateAndKey {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface Authority {
  /** PEM of the CA. */
  readonly certificate: string;
  /** A serving certificate; each name is a DNS name or an IP address. */
  serving(names: readonly [string, ...string[]]): Promise<CertificateAndKey>;
  /** A client certificate: Kubernetes reads CN as the user and O as one group. */
  client(user: string, group?: string): Promise<CertificateAndKey>;
}

// A machine whose clock was put back a little still accepts what was made just now.
const validity = (): { notBeforeDate: Date; notAfterDate: Date } => ({
  notBeforeDate: new Date(Date.now() - 5 * 60_000),
  notAfterDate: new Date(Date.now() + 7 * 24 * 3_600_000),
});

const common = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

export async function createAuthority(commonName: string): Promise<Authority> {
  const ca = await generate([{ name: 'commonName', value: commonName }], {
    ...common,
    ...validity(),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  const issuer = { cert: ca.cert, key: ca.private };
  const keyUsage = { name: 'keyUsage', digitalSignature: true, critical: true } as const;

  return {
    certificate: ca.cert,
    serving: async (names) => {
      const leaf = await generate([{ name: 'commonName', value: names[0] }], {
        ...common,
        ...validity(),
        ca: issuer,
        extensions: [
          keyUsage,
          { name: 'extKeyUsage', serverAuth: true },
          {
            name: 'subjectAltName',
            altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
          },
        ],
      });
      return { certificate: leaf.cert, key: leaf.private };
    },
    client: async (user, group) => {
      const organization = group === undefined ? [] : [{ name: 'organizationName', value: group }];
      const leaf = await generate([...organization, { name: 'commonName', value: user }], {
        ...common,
        ...validity(),
        ca: issuer,
        extensions: [keyUsage, { name: 'extKeyUsage', clientAuth: true }],
      });
      return { certificate: leaf.cert, key: leaf.private };
    },
  };
}

/** The key pair that signs ServiceAccount tokens, PEM. */
export function createTokenKeys(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
