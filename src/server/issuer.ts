/**
 * Makes a CA and a leaf for development and for clusters without cert-manager. The library that signs takes 25 MiB of
 * memory for one second of work a month, so `serve` calls this in a child process (`issueInChild`) that gives it back.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Pair } from './certificate.ts';

export interface IssueRequest {
  /** DNS names and addresses. */
  readonly hosts: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly caDays: number;
  readonly leafDays: number;
  /** Signs with this one instead of a new CA. */
  readonly ca?: Pair;
}

export interface Issued {
  readonly ca: Pair;
  readonly leaf: Pair;
}

export type Issue = (request: IssueRequest) => Promise<Issued>;

/** How the subject of every CA made here begins: by it an old CA of ours is known in a caBundle. */
export const caName = 'database-operator webhook CA';
export const leafName = 'database-operator webhook';

const day = 86_400_000;
// Clocks of other machines may be behind.
const skew = 5 * 60_000;

/** In this process. */
export const issue: Issue = async (request) => {
  const { generate } = await import('./signing-library.ts');
  const lasting = (days: number): { notBeforeDate: Date; notAfterDate: Date } => ({
    notBeforeDate: new Date(request.now - skew),
    notAfterDate: new Date(request.now + days * day),
  });
  const common = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const newCa = async (): Promise<Pair> => {
    // Two CAs of one name in a bundle confuse OpenSSL.
    const made = await generate([{ name: 'commonName', value: `${caName} ${request.now}` }], {
      ...common,
      ...lasting(request.caDays),
      extensions: [
        { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
      ],
    });
    return { cert: made.cert, key: made.private };
  };
  const ca = request.ca ?? (await newCa());
  const leaf = await generate([{ name: 'commonName', value: leafName }], {
    ...common,
    ...lasting(request.leafDays),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: request.hosts.map(altName) },
    ],
  });
  return { ca, leaf: { cert: leaf.cert, key: leaf.private } };
};

function altName(host: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host };
}

/** The names under which a Service is called, from any one of them; localhost for a look from the machine itself. */
export function hostNames(hosts: readonly string[]): readonly string[] {
  const all = hosts.flatMap((host) => {
    const [, service] = /^([^.]+\.[^.]+)\.svc(\.cluster\.local)?$/.exec(host) ?? [];
    return service === undefined ? [host] : [`${service}.svc`, service, `${service}.svc.cluster.local`];
  });
  return [...new Set([...all, 'localhost', '127.0.0.1', '::1'])];
}

/** The command of main.ts that answers `issueInChild`: a request as JSON on standard input, the pairs on standard output. */
export const issueCommand = 'issue-certificate';

/** `program` is main.ts or what it was built into. The keys travel over pipes only. */
export function issueInChild(program: string): Issue {
  return async (request) => {
    const child = spawn(process.execPath, ['--max-old-space-size=64', program, issueCommand], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {},
    });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(request));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0) return JSON.parse(Buffer.concat(output).toString()) as Issued;
    throw new Error(`making a certificate failed: ${Buffer.concat(errors).toString().trim().slice(0, 500)}`);
  };
}
