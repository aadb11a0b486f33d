import assert from 'node:assert/strict';
import { Database, Pod, StatefulSet, StorageClass } from '../api/resources.ts';
import { UnsafeNameError, collectionPath, objectPath, query } from './paths.ts';

describe('request paths', () => {
  it('are those of the core group, of named groups and of cluster-scoped resources', () => {
    assert.equal(objectPath({ resource: Pod, namespace: 'a', name: 'p-0' }), '/api/v1/namespaces/a/pods/p-0');
    assert.equal(collectionPath(Database), '/apis/example.com/v1/databases');
    assert.equal(collectionPath(Database, 'a'), '/apis/example.com/v1/namespaces/a/databases');
    assert.equal(objectPath({ resource: StorageClass, name: 'fast' }), '/apis/storage.k8s.io/v1/storageclasses/fast');
    assert.equal(
      objectPath({ resource: StatefulSet, namespace: 'a', name: 'db' }, 'status'),
      '/apis/apps/v1/namespaces/a/statefulsets/db/status',
    );
  });

  for (const name of ['', '.', '..', 'a/b', '../secrets/x', 'a%2Fb']) {
    it(`never contain the name ${JSON.stringify(name)}`, () => {
      assert.throws(() => objectPath({ resource: Pod, namespace: 'a', name }), UnsafeNameError);
      assert.throws(() => objectPath({ resource: Pod, namespace: name, name: 'p' }), UnsafeNameError);
    });
  }

  it('percent-encode what would end the path', () => {
    assert.equal(
      objectPath({ resource: Pod, namespace: 'a', name: 'x?watch=1#y z' }),
      '/api/v1/namespaces/a/pods/x%3Fwatch%3D1%23y%20z',
    );
  });

  it('refuse a namespaced object without a namespace rather than naming another one', () => {
    assert.throws(() => objectPath({ resource: Pod, name: 'p' }), UnsafeNameError);
  });

  it('drop undefined parameters and encode the others', () => {
    assert.equal(query({ limit: undefined }), '');
    assert.equal(
      query({ limit: 500, labelSelector: 'a in (b,c)', force: true }),
      '?limit=500&labelSelector=a+in+%28b%2Cc%29&force=true',
    );
  });
});
