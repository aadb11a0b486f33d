import assert from 'node:assert/strict';
import type { KubernetesObject } from './object.ts';
import { unknownFields } from './schema.ts';

const database = (text: string): KubernetesObject => JSON.parse(text) as KubernetesObject;

describe('unknownFields', () => {
  it('names the sibling that was probably meant', () => {
    const object = database(
      '{"kind":"Database","metadata":{"name":"a","lables":{}},"spec":{"replcias":3,"storage":{"Size":"1Gi","zzz":1}},"status":{"phse":""},"data":1}',
    );
    assert.deepEqual(unknownFields('Database', object), [
      { field: 'metadata.lables', nearest: 'labels' },
      { field: 'spec.replcias', nearest: 'replicas' },
      { field: 'spec.storage.Size', nearest: 'size' },
      { field: 'spec.storage.zzz' },
      { field: 'status.phse', nearest: 'phase' },
      { field: 'data' },
    ]);
  });

  it('looks into lists and lets maps have any key', () => {
    const object = database(
      '{"metadata":{"labels":{"x":"y"},"ownerReferences":[{"nam":"x"}]},"spec":{"config":{"parameters":{"work_mem":"1MB"}},"podTemplate":{"tolerations":[{"key":"a"},{"kee":"b"}]}}}',
    );
    assert.deepEqual(unknownFields('Database', object), [
      { field: 'metadata.ownerReferences[0].nam', nearest: 'name' },
      { field: 'spec.podTemplate.tolerations[1].kee', nearest: 'key' },
    ]);
  });

  it('takes keys of prototypes as unknown, and values of any type without complaint', () => {
    const object = database(
      '{"metadata":5,"spec":{"__proto__":1,"toString":2,"storage":"x","backup":[1],"podTemplate":null}}',
    );
    assert.deepEqual(
      unknownFields('Database', object).map(({ field }) => field),
      ['spec.__proto__', 'spec.toString'],
    );
  });
});
