/** A bucket in memory that fails when told to: for faults only, everything else is tried against a real service. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault = 'reset' | 'silence' | 'half' | number;

export interface FakeS3 {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  readonly uploads: Map<string, { readonly key: string; readonly parts: Map<number, Buffer> }>;
  /** `METHOD key?query` of every request. */
  readonly requests: string[];
  /** Asked for every request. */
  fault: (request: string) => Fault | undefined;
  close(): void;
}

export async function startFakeS3(): Promise<FakeS3> {
  const objects: FakeS3['objects'] = new Map();
  const uploads: FakeS3['uploads'] = new Map();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://fake');
      const key = decodeURIComponent(url.pathname).replace(/^\/bucket\/?/, '');
      const line = `${request.method} ${key}${url.search}`;
      requests.push(line);
      const fault = fake.fault(line);
      if (fault === 'silence') return;
      if (fault === 'reset') return void request.socket.resetAndDestroy();
      if (typeof fault === 'number') {
        response.writeHead(fault).end('<Error><Code>Injected</Code></Error>');
        return;
      }
      answer({
        ...{ method: request.method ?? '', range: request.headers.range ?? '', key, query: url.searchParams },
        ...{ body, response, half: fault === 'half' },
      });
    });
  });
  const list = (items: readonly string[]): string => `<R><IsTruncated>false</IsTruncated>${items.join('')}</R>`;
  const inUpload = ({ method, query, body, response }: Asked, id: string): void => {
    const upload = uploads.get(id);
    if (upload === undefined) response.writeHead(404).end('<Error><Code>NoSuchUpload</Code></Error>');
    else if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      response.writeHead(200, { etag: etagOf(body) }).end();
    } else {
      const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
      if (method === 'POST') objects.set(upload.key, Buffer.concat(parts));
      uploads.delete(id);
      response.end('<CompleteMultipartUploadResult/>');
    }
  };
  const get = ({ key, range, response, half }: Asked): void => {
    const found = objects.get(key);
    if (found === undefined) return void response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    const from = Number(/bytes=(\d+)-/.exec(range)?.[1] ?? 0);
    const rest = found.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { etag: '"e"', 'content-length': rest.length });
    if (!half) response.end(rest);
    else response.write(rest.subarray(0, rest.length >> 1), () => setTimeout(() => response.destroy(), 20));
  };
  const listing = ({ query, response }: Asked): void => {
    const prefix = query.get('prefix') ?? '';
    const found = [...objects].filter(([name]) => name.startsWith(prefix));
    const contents = found.map(([name, { length }]) => {
      return `<Contents><Key>${encodeURIComponent(name)}</Key><LastModified>2026-01-01T00:00:00Z</LastModified><Size>${length}</Size></Contents>`;
    });
    const open = [...uploads].map(([name, { key }]) => {
      return `<Upload><Key>${encodeURIComponent(key)}</Key><UploadId>${name}</UploadId><Initiated>2026-01-01T00:00:00Z</Initiated></Upload>`;
    });
    response.end(list(query.has('list-type') ? contents : open));
  };
  const answer = (asked: Asked): void => {
    const { method, query, key, body, response } = asked;
    const id = query.get('uploadId');
    if (id !== null) inUpload(asked, id);
    else if (method === 'PUT') {
      objects.set(key, body);
      response.writeHead(200, { etag: etagOf(body) }).end();
    } else if (method === 'POST') {
      const fresh = `u${uploads.size}`;
      uploads.set(fresh, { key, parts: new Map() });
      response.end(`<R><UploadId>${fresh}</UploadId></R>`);
    } else if (method === 'DELETE') {
      objects.delete(key);
      response.writeHead(204).end();
    } else if (key === '') listing(asked);
    else get(asked);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fake: FakeS3 = {
    ...{ endpoint: `http://127.0.0.1:${port}`, objects, uploads, requests, fault: () => undefined },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return fake;
}

interface Asked {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly range: string;
  readonly body: Buffer;
  readonly response: ServerResponse;
  /** The answer breaks off in the middle. */
  readonly half: boolean;
}

const etagOf = (body: Buffer): string => `"${createHash('md5').update(body).digest('hex')}"`;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
