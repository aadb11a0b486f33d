import assert from 'node:assert/strict';
import { pruneSpec } from './schema-prune.ts';
import type { KubernetesObject } from './object.ts';

const database = (spec: unknown): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders' },
  spec,
});

describe('pruneSpec', () => {
  it('takes out what the schema does not know, in objects, lists and maps', () => {
    const spec = JSON.parse(
      '{"version":"17","__proto__":1,"constructor":2,"storage":{"size":"1Gi","colour":"red"},' +
        '"config":{"parameters":{"work_mem":"4MB"}},"podTemplate":{"env":[{"name":"A","x":1}],"labels":{"any":"thing"}}}',
    ) as unknown;
    assert.deepEqual(pruneSpec('Database', database(spec))['spec'], {
      version: '17',
      storage: { size: '1Gi' },
      config: { parameters: { work_mem: '4MB' } },
      podTemplate: { env: [{ name: 'A' }], labels: { any: 'thing' } },
    });
  });

  for (const spec of [
    { version: '17', storage: { size: '1Gi' } },
    { storage: 'x', config: [] },
    null,
    'x',
    undefined,
  ]) {
    it(`leaves ${JSON.stringify(spec)} as it is`, () => {
      const object = database(spec);
      assert.equal(pruneSpec('Database', object), object);
    });
  }
});
