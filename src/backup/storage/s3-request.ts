/** One request to S3: signed, limited in time, repeated while the failure may pass. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import type { S3Storage } from '../../api/backup-order.ts';
import { BackupFault } from '../../engines/backup.ts';
import type { Identity } from './identity.ts';
import { transmit, type Answer } from './transmit.ts';

export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  /** '' is the bucket. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Rejects with a BackupFault unless the status is 2xx. The body of the answer is the caller's to read. */
export type S3Send = (request: S3Request) => Promise<Answer>;

export interface S3Patience {
  /** Tries in all. */
  readonly tries: number;
  /** Milliseconds before the second; doubles each time. */
  readonly firstPauseMs: number;
  /** Milliseconds until the answer begins, the body of the request included. */
  readonly answerMs: number;
}

export const patience: S3Patience = { tries: 8, firstPauseMs: 500, answerMs: 120_000 };

export function s3Send(target: S3Storage, identity: Identity, { tries, firstPauseMs, answerMs }: S3Patience): S3Send {
  const region = target.region ?? 'us-east-1';
  const once = async (request: S3Request): Promise<Answer> => {
    const signed = await sign(request, target, region, identity);
    // Only until the answer begins: its body may take as long as whoever reads it.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`nothing within ${answerMs} ms`)), answerMs);
    const { body } = request;
    const answer = await transmit(signed.url, {
      ...{ method: request.method, headers: signed.headers, signal: late.signal },
      ...(body !== undefined && { body }),
    }).finally(() => clearTimeout(timer));
    const { status } = answer;
    if (status >= 200 && status < 300) return answer;
    throw answered(target, request, status, await answer.text().catch(() => ''));
  };
  return async (request) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(request);
      } catch (error) {
        if (attempt >= tries || !maybePasses(error)) throw asFault(target, error);
        await delay(firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
      }
    }
  };
}

async function sign(
  { method, key, query, headers, body }: S3Request,
  target: S3Storage,
  region: string,
  identity: Identity,
): Promise<{ url: string; headers: Readonly<Record<string, string>> }> {
  const { accessKeyId, secretAccessKey, sessionToken } = await identity();
  const url = new URL(objectUrl(target, region, key));
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  const sha256 = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  const signer = new AwsV4Signer({
    ...{ method, url: url.href, region, service: 's3', accessKeyId, secretAccessKey },
    ...(sessionToken !== undefined && { sessionToken }),
    // The service compares it with what arrives.
    headers: { ...headers, 'x-amz-content-sha256': sha256 },
  });
  const signed = await signer.sign();
  return { url: signed.url.href, headers: Object.fromEntries(signed.headers) };
}

const withoutSlash = (url: string): string => (url.endsWith('/') ? withoutSlash(url.slice(0, -1)) : url);

/** With an endpoint of its own the bucket is part of the path: not every service knows names of buckets as hosts. */
function objectUrl({ bucket, endpoint }: S3Storage, region: string, key: string): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  // A dot in the name does not fit the certificate's wildcard.
  const inPath = endpoint !== undefined || bucket.includes('.');
  const base = withoutSlash(endpoint ?? `https://s3.${region}.amazonaws.com`);
  if (inPath) return `${base}/${bucket}/${path}`;
  return `https://${bucket}.s3.${region}.amazonaws.com/${path}`;
}

interface Answered extends BackupFault {
  readonly status?: number;
  readonly code?: string;
}

function answered(target: S3Storage, request: S3Request, status: number, text: string): Answered {
  const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? '';
  const what = `s3://${target.bucket}/${request.key}: ${request.method} was answered ${status} ${code}`.trim();
  return Object.assign(new BackupFault(reasonOf(status, code), `${what}${remedy(status, code)}`), { status, code });
}

function reasonOf(status: number, code: string): BackupFault['reason'] {
  if (status === 404 && code !== 'NoSuchBucket') return 'BackupNotFound';
  if (status === 401 || status === 403) return 'StorageDenied';
  if (status === 507 || /Quota|StorageFull/i.test(code)) return 'StorageFull';
  return 'StorageFailed';
}

function remedy(status: number, code: string): string {
  if (code === 'NoSuchBucket') return ': make the bucket, or correct its name and region';
  if (code === 'RequestTimeTooSkewed') return ": this node's clock is wrong";
  if (status === 301 || status === 307) return ': the bucket is in another region; set region';
  if (status === 401 || status === 403) return ': check the credentials and what they may do (put, get, list, delete)';
  return '';
}

/** Throttling, failures of the service, and whatever happens to a connection. */
function maybePasses(error: unknown): boolean {
  if (!(error instanceof BackupFault)) return true;
  const { status = 0, code = '' } = error as Answered;
  return status >= 500 || status === 429 || status === 408 || code === 'RequestTimeout' || code === 'SlowDown';
}

/** What was aborted says why in its cause. */
function asFault(target: S3Storage, error: unknown): BackupFault {
  if (error instanceof BackupFault) return error;
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
  const why = code || (inner instanceof Error ? inner.message || inner.name : String(inner));
  const where = target.endpoint ?? 'Amazon S3';
  return new BackupFault('StorageFailed', `no answer from ${where} (${why}): is the endpoint right and reachable?`, {
    cause: error,
  });
}
