/** Dials the webhook port like any client and compares what it shows with what it should: a reload that failed is seen here. */
import { connect } from 'node:tls';
import type { CertificateSource } from './certificates.ts';

export interface SelfCheckOptions {
  readonly host: string;
  readonly port: () => number | undefined;
  readonly source: CertificateSource;
  /** Milliseconds; 2 000. */
  readonly timeout?: number;
}

/** Resolves to what is wrong, or undefined. */
export async function selfCheck(options: SelfCheckOptions): Promise<string | undefined> {
  const { source } = options;
  const expected = source.current();
  if (expected === undefined) return source.problem() ?? 'there is no certificate';
  const port = options.port();
  if (port === undefined) return 'the webhook port is not open yet';
  const shown = await servedFingerprint({ ...options, port });
  if (!shown.ok) return `the webhook port does not answer: ${shown.problem}`;
  // A swap may have come between the two questions.
  if (shown.fingerprint === expected.fingerprint || shown.fingerprint === source.current()?.fingerprint)
    return undefined;
  return 'the webhook port serves an older certificate than the one that was read';
}

type Served = { readonly ok: true; readonly fingerprint: string } | { readonly ok: false; readonly problem: string };

function servedFingerprint(at: {
  readonly host: string;
  readonly port: number;
  readonly timeout?: number;
}): Promise<Served> {
  return new Promise((resolve) => {
    // Not for trust, only to look: the certificate is compared byte by byte.
    const socket = connect({ host: at.host, port: at.port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    const finish = (served: Served): void => {
      resolve(served);
      socket.destroy();
    };
    socket.setTimeout(at.timeout ?? 2_000, () => finish({ ok: false, problem: 'no handshake in time' }));
    socket.once('error', (error) => finish({ ok: false, problem: error.message }));
    socket.once('secureConnect', () =>
      finish({ ok: true, fingerprint: socket.getPeerX509Certificate()?.fingerprint256 ?? '' }),
    );
  });
}
