import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { crdPaths, readCrds, validate, type Database } from './package.ts';

const now = new Date('2026-05-31T12:00:00Z');

describe('the package', () => {
  it('validates an object written with its types', () => {
    const database: Database = {
      apiVersion: 'example.com/v1',
      kind: 'Database',
      metadata: { name: 'orders', namespace: 'shop' },
      spec: { engine: 'postgresql', version: '17', storage: { size: '10Gi' } },
    };
    const { allowed, violations, kind, name, namespace } = validate(database, { now });
    assert.deepEqual(
      { allowed, violations, kind, name, namespace },
      {
        allowed: true,
        violations: [],
        kind: 'Database',
        name: 'orders',
        namespace: 'shop',
      },
    );
  });

  it('tells every violation: unknown field, schema and rules', () => {
    const { allowed, violations } = validate(
      {
        apiVersion: 'example.com/v1',
        kind: 'Database',
        metadata: { name: 'orders-primary' },
        spec: { engine: 'postgresql', version: 17, replcias: 3, storage: { size: '10K' } },
      },
      { now },
    );
    assert.equal(allowed, false);
    assert.deepEqual([...new Set(violations.map(({ field }) => field))].sort(), [
      'metadata.name',
      'spec.replcias',
      'spec.storage.size',
      'spec.version',
    ]);
  });

  it('has an answer for any value', () => {
    for (const value of [undefined, null, 5, 'x', [], {}, { kind: 'Database' }, { apiVersion: 'v1', kind: 'Pod' }]) {
      assert.equal(validate(value).allowed, false);
    }
  });

  it('carries every CRD file, and no other', async () => {
    assert.deepEqual(
      crdPaths.map((path) => basename(path)).sort(),
      readdirSync(new URL('../crds/', import.meta.url)).sort(),
    );
    const kinds = (await readCrds()).map(({ kind }) => kind);
    assert.deepEqual([...new Set(kinds)], ['CustomResourceDefinition']);
  });
});
