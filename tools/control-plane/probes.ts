/** How a server is asked whether it is ready. */
import { get as getPlain } from 'node:http';
import { get } from 'node:https';
import type { CertificateAndKey } from './certificates.ts';

/** HTTP status of a GET with a client certificate; rejects when no answer comes within two seconds. */
export function statusOf(url: string, ca: string, client: CertificateAndKey): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { ca, cert: client.certificate, key: client.key, agent: false, timeout: 2000 };
    const request = get(url, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url}`)));
    request.on('error', reject);
  });
}

export function etcdHealthy(url: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    getPlain(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', reject);
  });
}
