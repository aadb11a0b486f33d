/**
 * What is sent: CREATE reviews of Databases that both servers understand to the last field, so that neither answers early
 * because it can't read them. One in eight is refused by both.
 */
import { bytesOf, requestFor } from '../../src/admission/testing.ts';
import type { KubernetesObject } from '../../src/api/object.ts';
import { requestBytes } from './connections.ts';

const engines = [
  ['postgresql', '17'],
  ['mysql', '8.0'],
  ['mongodb', '8.0'],
  ['redis', '8.0'],
] as const;

const database = (engine: string, version: string, spec: object): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: `${engine}-orders`, namespace: 'shop', labels: { team: 'shop' } },
  spec: { engine, version, storage: { size: '20Gi', storageClass: 'fast-ssd' }, ...spec },
});

const full = {
  replicas: 3,
  backup: {
    enabled: true,
    schedule: '0 2 * * *',
    retention: '30d',
    destination: { s3: { bucket: 'shop-backups', region: 'eu-central-1' } },
  },
  monitoring: { enabled: true, scrapeInterval: '30s', alerting: true },
};

/** Half of them to each route. */
export function reviewRequests(): readonly Buffer[] {
  const objects = engines.flatMap(([engine, version], index) => [
    database(engine, version, {}),
    database(engine, index === 0 ? '98.6' : version, full),
  ]);
  return objects
    .map((object) => Buffer.from(bytesOf(requestFor(object))))
    .flatMap((body) => [requestBytes('/mutate', body), requestBytes('/validate', body)]);
}
