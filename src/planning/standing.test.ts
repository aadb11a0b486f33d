import assert from 'node:assert/strict';
import type { KubernetesObject, ObjectMeta } from '../api/object.ts';
import { PersistentVolumeClaim, Secret, Service } from '../api/resources.ts';
import type { Resource } from '../api/object.ts';
import { standingOf } from './standing.ts';

const database: KubernetesObject = {
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders', uid: 'u2' },
};
const labels = { 'app.kubernetes.io/managed-by': 'database-operator', 'database.example.com/name': 'orders' };
const owner = (uid: string, more: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  name: 'orders',
  uid,
  controller: true,
  ...more,
});
const standing = (resource: Resource, metadata: Partial<ObjectMeta>): string =>
  standingOf(
    { resource, object: { apiVersion: 'v1', kind: resource.kind, metadata: { name: 'x', ...metadata } } },
    database,
  );

describe('standing of an object', () => {
  it('is ours by owner, even when the labels are gone', () => {
    assert.equal(standing(Service, { ownerReferences: [owner('u2')] }), 'ours');
  });
  it('is kept for volumes and credentials that carry our labels and no owner', () => {
    assert.equal(standing(Secret, { labels }), 'kept');
    assert.equal(standing(PersistentVolumeClaim, { labels }), 'kept');
  });
  it('is foreign for anything else without an owner, labels or not', () => {
    assert.equal(standing(Service, { labels }), 'foreign');
    assert.equal(standing(Secret, {}), 'foreign');
    assert.equal(standing(Secret, { labels: { ...labels, 'database.example.com/name': 'other' } }), 'foreign');
  });
  it('is previous when it belongs to a namesake that is gone', () => {
    assert.equal(standing(Service, { labels, ownerReferences: [owner('u1')] }), 'previous');
    assert.equal(standing(Service, { ownerReferences: [owner('u1')] }), 'foreign');
  });
  it('is foreign when another controller owns it', () => {
    assert.equal(standing(Secret, { labels, ownerReferences: [owner('u9', { kind: 'Deployment' })] }), 'foreign');
    assert.equal(standing(Secret, { labels, ownerReferences: [owner('u9', { name: 'other' })] }), 'foreign');
  });
});
