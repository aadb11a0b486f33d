/**
 * What is sent: reviews of Databases that both servers understand to the last field, so that neither answers early because
 * it can't read them. No two are the same object: names, sizes, buckets and numbers of servers differ. One in eight is
 * refused by both, one in four is an UPDATE, half are asked of each route.
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

const objects = 256;

/** `size` in GiB; the larger half of what a Database can say, or only what it must. */
function database(index: number, size: number): KubernetesObject {
  const [engine, version] = engines[index % engines.length] ?? engines[0];
  const refused = index % 8 === 1;
  return {
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name: `${engine}-orders-${index}`, namespace: `shop-${index % 20}`, labels: { team: 'shop' } },
    spec: {
      engine,
      version: refused ? '98.6' : version,
      storage: { size: `${size}Gi`, storageClass: 'fast-ssd' },
      ...(Math.floor(index / engines.length) % 2 === 0 ? {} : full(index)),
    },
  };
}

const full = (index: number): object => ({
  replicas: index % 7 === 0 ? 5 : 3,
  backup: {
    enabled: true,
    schedule: `${index % 60} ${index % 24} * * *`,
    retention: `${7 + (index % 30)}d`,
    destination: { s3: { bucket: `shop-backups-${index}`, region: 'eu-central-1' } },
  },
  monitoring: { enabled: true, scrapeInterval: '30s', alerting: true },
});

export function reviewRequests(): readonly Buffer[] {
  return Array.from({ length: objects }, (_, index) => {
    const size = 20 + (index % 90);
    // Spread over engines and sorts of objects; the stored one is smaller.
    const stored = index % 16 >= 12 ? database(index, size - 10) : undefined;
    return Buffer.from(bytesOf(requestFor(database(index, size), stored)));
  }).flatMap((body) => [requestBytes('/mutate', body), requestBytes('/validate', body)]);
}
