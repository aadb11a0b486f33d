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
      answer(request, url.searchParams, key, body, response, fault === 'half');
    });
  });
  const answer = (
    { method, headers }: IncomingMessage,
    query: URLSearchParams,
    key: string,
    body: Buffer,
    response: ServerResponse,
    half: boolean,
  ): void => {
    const id = query.get('uploadId');
    const upload = id === null ? undefined : uploads.get(id);
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    if (id !== null && upload === undefined) response.writeHead(404).end('<Error><Code>NoSuchUpload</Code></Error>');
    else if (method === 'PUT' && upload) {
      upload.parts.set(Number(query.get('partNumber')), body);
      response.writeHead(200, { etag }).end();
    } else if (method === 'PUT') {
      objects.set(key, body);
      response.writeHead(200, { etag }).end();
    } else if (method === 'POST' && query.has('uploads')) {
      uploads.set(`u${uploads.size}`, { key, parts: new Map() });
      response.end(`<R><UploadId>u${uploads.size - 1}</UploadId></R>`);
    } else if (method === 'POST' && upload && id) {
      objects.set(upload.key, Buffer.concat([...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part)));
      uploads.delete(id);
      response.end('<CompleteMultipartUploadResult/>');
    } else if (method === 'DELETE') {
      if (id) uploads.delete(id);
      else objects.delete(key);
      response.writeHead(204).end();
    } else if (query.has('list-type')) {
      const keys = [...objects].filter(([name]) => name.startsWith(query.get('prefix') ?? ''));
      const items = keys.map(([name, { length }]) => {
        return `<Contents><Key>${encodeURIComponent(name)}</Key><LastModified>2026-01-01T00:00:00Z</LastModified><Size>${length}</Size></Contents>`;
      });
      response.end(`<R><IsTruncated>false</IsTruncated>${items.join('')}</R>`);
    } else if (query.has('uploads')) {
      const items = [...uploads].map(([name, { key: of }]) => {
        return `<Upload><Key>${encodeURIComponent(of)}</Key><UploadId>${name}</UploadId><Initiated>2026-01-01T00:00:00Z</Initiated></Upload>`;
      });
      response.end(`<R>${items.join('')}</R>`);
    } else {
      const found = objects.get(key);
      if (found === undefined) return void response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
      const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      const rest = found.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, { etag: '"e"', 'content-length': rest.length });
      if (!half) response.end(rest);
      else response.write(rest.subarray(0, rest.length >> 1), () => setTimeout(() => response.destroy(), 20));
    }
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

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
