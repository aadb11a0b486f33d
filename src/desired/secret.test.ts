import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import type { Database, DatabaseSpec } from '../api/types.generated.ts';
import { postgresql } from '../engines/postgresql/index.ts';
import { desiredObjects } from './index.ts';
import { applicationSecret, internalSecret, makeCredentials, readCredentials } from './secret.ts';

let seed = 1;
const credentials = makeCredentials((count) =>
  new Uint8Array(count).map(() => (seed = (seed * 48271) % 2147483647) % 256),
);

const database = (spec: DatabaseSpec = {}): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders', namespace: 'shop', uid: 'u' },
  spec: { engine: 'postgresql', version: '17', replicas: 1, storage: { size: '5Gi' }, ...spec },
});

const objectsOf = (spec: DatabaseSpec): readonly KubernetesObject[] =>
  desiredObjects(database(spec), postgresql, { ownerUid: 'u', credentials }).objects.map(({ object }) => object);

describe('credentials', () => {
  const input = {
    database: database({ databaseName: 'shop', username: 'o' }),
    engine: postgresql,
    context: { ownerUid: 'u' },
    config: '',
    startHash: '',
  };

  it('are all different, long, and need no escaping anywhere', () => {
    const values = Object.values(credentials) as string[];
    assert.equal(new Set(values).size, 4);
    assert.ok(values.every((value) => /^[A-Za-z0-9_-]{32}$/.test(value)));
  });

  it('are read back from the Secret, and not from one that lacks a part', () => {
    const secret = internalSecret(input, credentials);
    assert.deepEqual(readCredentials(secret), credentials);
    const data = secret['data'] as Record<string, string>;
    const without = Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'password'));
    assert.equal(readCredentials({ ...secret, data: without }), undefined);
    assert.equal(readCredentials({ ...secret, data: { ...data, password: '' } }), undefined);
  });

  it('tell an application everything it needs, and nothing of the operator’s', () => {
    const data = applicationSecret(input, credentials)['data'] as Record<string, string>;
    const read = Object.fromEntries(Object.entries(data).map(([k, v]) => [k, Buffer.from(v, 'base64').toString()]));
    assert.deepEqual(read, {
      username: 'o',
      password: credentials.password,
      host: 'orders-primary.shop.svc.cluster.local',
      port: '5432',
      database: 'shop',
      uri: `postgresql://o:${credentials.password}@orders-primary.shop.svc.cluster.local:5432/shop`,
    });
  });

  it('stand in Secrets and nowhere else', () => {
    const text = JSON.stringify(
      objectsOf({ backup: { enabled: true }, monitoring: { enabled: true } }).filter(({ kind }) => kind !== 'Secret'),
    );
    for (const value of Object.values(credentials) as string[]) {
      assert.ok(!text.includes(value) && !text.includes(Buffer.from(value).toString('base64')));
    }
  });

  it('are left out when they are not given', () => {
    const { objects } = desiredObjects(database(), postgresql, { ownerUid: 'u' });
    assert.ok(!objects.some(({ object }) => object.kind === 'Secret'));
  });
});
