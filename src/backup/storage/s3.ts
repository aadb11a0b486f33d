/** Objects in a bucket. Large ones go up in parts, each of which is repeated by itself when it fails. */
import { BackupFault } from '../../engines/backup.ts';
import type { S3Send } from './s3-request.ts';
import type { Answer } from './transmit.ts';
import type { ObjectWriter, Storage, StoredEntry } from './storage.ts';

/** Held in memory while it is sent: the least that S3 allows. All are equal, which some services demand. */
const partBytes = 5 * 1024 * 1024;

/** Streams follow each other: the next one takes the part that the one before has filled, instead of one more. */
interface Spare {
  part: Buffer | undefined;
}

export function s3Storage(bucket: string, send: S3Send): Storage {
  const spare: Spare = { part: undefined };
  return {
    where: (path) => `s3://${bucket}/${path}`,
    create: (path) => Promise.resolve(upload(send, path, spare)),
    read: (path) => download(send, path),
    list: (below) => list(send, below),
    async remove(paths) {
      // One by one: the request for many wants a checksum that not every service knows alike.
      for (const path of paths) await send({ method: 'DELETE', key: path });
    },
    async sweep(below, before) {
      const uploads = (await unfinished(send, below)).filter(({ initiated }) => initiated < before);
      for (const { path, id } of uploads) await abort(send, path, id);
      return uploads.length;
    },
  };
}

/** Small objects are one request; the upload in parts begins when the first part is full. */
function upload(send: S3Send, key: string, spare: Spare): ObjectWriter {
  const etags: string[] = [];
  const buffer = spare.part ?? Buffer.allocUnsafeSlow(partBytes);
  spare.part = undefined;
  let filled = 0;
  let id: string | undefined;
  const sendPart = async (): Promise<void> => {
    id ??= await begin(send, key);
    const query = { partNumber: String(etags.length + 1), uploadId: id };
    const response = await send({ method: 'PUT', key, query, body: buffer.subarray(0, filled) });
    await drain(response);
    etags.push(response.header('etag') ?? '');
    filled = 0;
  };
  return {
    async write(chunk) {
      for (let at = 0; at < chunk.length;) {
        const taken = chunk.copy(buffer, filled, at);
        at += taken;
        filled += taken;
        if (filled === partBytes) await sendPart();
      }
    },
    async finish() {
      if (id === undefined) await drain(await send({ method: 'PUT', key, body: buffer.subarray(0, filled) }));
      else {
        if (filled > 0) await sendPart();
        await complete(send, key, id, etags);
      }
      spare.part = buffer;
    },
    async abort() {
      // A later backup sweeps what could not be ended now.
      if (id !== undefined) await abort(send, key, id).catch(() => undefined);
    },
  };
}

async function begin(send: S3Send, key: string): Promise<string> {
  const text = await (await send({ method: 'POST', key, query: { uploads: '' } })).text();
  return required(text, 'UploadId', key);
}

async function complete(send: S3Send, key: string, id: string, etags: readonly string[]): Promise<void> {
  const parts = etags.map((etag, index) => {
    return `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`;
  });
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
  const response = await send({ method: 'POST', key, query: { uploadId: id }, body }).catch(async (error: unknown) => {
    // A repeated request whose first answer was lost finds no upload any more, but the object.
    if (!(error instanceof BackupFault) || error.reason !== 'BackupNotFound') throw error;
    return send({ method: 'HEAD', key });
  });
  // A failure may come with status 200, after the service began to answer.
  const text = await response.text();
  if (text.includes('<Error>')) {
    const code = value(text, 'Code') ?? '';
    throw new BackupFault('StorageFailed', `the upload of ${key} could not be completed: ${code}`);
  }
}

const abort = async (send: S3Send, key: string, id: string): Promise<void> =>
  drain(await send({ method: 'DELETE', key, query: { uploadId: id } }));

/** Continues where it was when the connection breaks. */
async function* download(send: S3Send, key: string): AsyncGenerator<Buffer> {
  let at = 0;
  let etag: string | undefined;
  for (let failures = 0; ;) {
    const headers: Record<string, string> = at === 0 ? {} : { range: `bytes=${at}-`, 'if-match': etag ?? '' };
    const response = await send({ method: 'GET', key, headers });
    etag ??= response.header('etag');
    try {
      for await (const chunk of response.body) {
        at += chunk.length;
        failures = 0;
        yield chunk;
      }
      return;
    } catch (error) {
      failures += 1;
      if (failures > 5)
        throw new BackupFault('StorageFailed', `${key}: the connection breaks while it is read`, { cause: error });
    }
  }
}

async function list(send: S3Send, prefix: string): Promise<StoredEntry[]> {
  const found: StoredEntry[] = [];
  for (let token: string | undefined; ;) {
    const query = {
      'list-type': '2',
      'encoding-type': 'url',
      prefix,
      ...(token !== undefined && { 'continuation-token': token }),
    };
    const text = await (await send({ method: 'GET', key: '', query })).text();
    for (const item of elements(text, 'Contents')) {
      found.push({
        path: decode(required(item, 'Key', prefix)),
        bytes: Number(value(item, 'Size')),
        modified: new Date(value(item, 'LastModified') ?? ''),
      });
    }
    token = value(text, 'NextContinuationToken');
    if (value(text, 'IsTruncated') !== 'true' || token === undefined) return found;
  }
}

interface Unfinished {
  readonly path: string;
  readonly id: string;
  readonly initiated: Date;
}

/** One page of at most 1000: what is left goes the next time. */
async function unfinished(send: S3Send, prefix: string): Promise<Unfinished[]> {
  const query = { uploads: '', 'encoding-type': 'url', prefix };
  const text = await (await send({ method: 'GET', key: '', query })).text();
  return elements(text, 'Upload').map((item) => ({
    path: decode(required(item, 'Key', prefix)),
    id: required(item, 'UploadId', prefix),
    initiated: new Date(value(item, 'Initiated') ?? ''),
  }));
}

/** These answers are flat and made by machines: no attributes, no comments, no nesting of one name in itself. */
const elements = (text: string, name: string): readonly string[] =>
  [...text.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, inner = '']) => inner);

const value = (text: string, name: string): string | undefined => {
  const inner = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return inner === undefined ? undefined : unescapeXml(inner);
};

function required(text: string, name: string, key: string): string {
  const found = value(text, name);
  if (found === undefined) throw new BackupFault('StorageFailed', `${key}: the answer of the bucket has no ${name}`);
  return found;
}

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#34': '"',
  '#39': "'",
};
const unescapeXml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos|#34|#39);/g, (_, name: string) => entities[name] ?? '');
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A body that is not read keeps its connection. */
const drain = async (answer: Answer): Promise<void> => {
  await answer.text();
};
