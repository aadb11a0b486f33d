import assert from 'node:assert/strict';
import type { KubernetesObject } from '../api/object.ts';
import { complete } from './defaults.ts';
import { getIn } from './json.ts';
import type { JsonObject } from './json.ts';
import { database } from './rules/examples.ts';

const specOf = (object: KubernetesObject, oldObject?: KubernetesObject): JsonObject =>
  complete('Database', object, oldObject).object['spec'] as JsonObject;

const pick = (spec: JsonObject, ...fields: readonly string[]): JsonObject =>
  Object.fromEntries(fields.map((field) => [field, getIn(spec, field.split('.'))]));

describe('older spellings and inference on CREATE', () => {
  for (const [title, written, expected] of [
    ['type', { type: 'postgresql', version: '13.7' }, { engine: 'postgresql', type: 'postgresql', version: '13.7' }],
    ['version 8.0', { version: '8.0' }, { engine: 'mysql', version: '8.0' }],
    ['version 15.3', { version: '15.3' }, { engine: 'postgresql' }],
    ['version 14.2', { version: '14.2' }, { engine: 'postgresql' }],
    ['image', { image: 'postgres:14' }, { engine: 'postgresql', version: '14', image: 'postgres:14' }],
    ['image with suffix', { image: 'mariadb:11.8.2-noble' }, { engine: 'mariadb', version: '11.8.2' }],
    ['size', { engine: 'redis', version: '8.0', size: '3Gi' }, { 'storage.size': '3Gi', size: '3Gi' }],
    ['no size', { engine: 'redis', version: '8.0' }, { 'storage.size': '10Gi', size: undefined }],
    ['an unknown type is not spread', { type: 'oracle', version: '14' }, { engine: undefined, type: 'oracle' }],
    ['a version nobody has', { version: '99' }, { engine: undefined }],
  ] as const) {
    it(title, () => {
      const object = database({ engine: undefined, version: undefined, storage: undefined, ...written });
      assert.deepEqual(pick(specOf(object), ...Object.keys(expected)), expected);
    });
  }
});

describe('older spellings on UPDATE', () => {
  const stored = (spec: JsonObject): KubernetesObject => complete('Database', database(spec)).object;

  for (const [title, before, after, expected] of [
    [
      'size changed: storage.size follows',
      { size: '3Gi', storage: undefined },
      { size: '5Gi', storage: { size: '3Gi' } },
      { size: '5Gi', 'storage.size': '5Gi' },
    ],
    [
      'storage.size changed: size follows',
      { size: '3Gi', storage: undefined },
      { size: '3Gi', storage: { size: '5Gi' } },
      { size: '5Gi', 'storage.size': '5Gi' },
    ],
    [
      'both changed and disagree: left for the rule',
      { size: '3Gi', storage: undefined },
      { size: '5Gi', storage: { size: '7Gi' } },
      { size: '5Gi', 'storage.size': '7Gi' },
    ],
    [
      'size moves into storage.size',
      { size: '3Gi', storage: undefined },
      { storage: { size: '3Gi' } },
      { size: undefined, 'storage.size': '3Gi' },
    ],
    [
      'the same amount, otherwise written',
      { size: '10Gi' },
      { size: '10240Mi' },
      { size: '10240Mi', 'storage.size': '10Gi' },
    ],
    [
      'image changed: version follows',
      { image: 'postgres:16.3', version: '16.3' },
      { image: 'postgres:16.4', version: '16.3' },
      { version: '16.4', image: 'postgres:16.4' },
    ],
    [
      'version changed: image follows',
      { image: 'postgres:16.3-alpine', version: '16.3' },
      { image: 'postgres:16.3-alpine', version: '16.4' },
      { version: '16.4', image: 'postgres:16.4-alpine' },
    ],
    [
      'a digest does not follow',
      { image: `postgres:16.3@sha256:${'a'.repeat(64)}`, version: '16.3' },
      { image: `postgres:16.3@sha256:${'a'.repeat(64)}`, version: '16.4' },
      { image: `postgres:16.3@sha256:${'a'.repeat(64)}` },
    ],
    [
      'both changed: left as they are',
      { image: 'postgres:16.3', version: '16.3' },
      { image: 'postgres:16.5', version: '16.4' },
      { image: 'postgres:16.5', version: '16.4' },
    ],
  ] as const) {
    it(title, () => {
      assert.deepEqual(pick(specOf(database(after), stored(before)), ...Object.keys(expected)), expected);
    });
  }

  for (const [title, manifest] of [
    ['inferred from the version', { engine: undefined, version: '8.0', storage: undefined, size: '3Gi' }],
    ['inferred from the image', { engine: undefined, version: undefined, storage: undefined, image: 'postgres:14' }],
    ['by type', { engine: undefined, type: 'postgresql' }],
    ['plain', {}],
  ] as const) {
    it(`replacing with the original manifest changes nothing: ${title}`, () => {
      const before = stored(manifest);
      assert.deepEqual(specOf(database(manifest), before), before['spec']);
    });
  }

  it('carries over what is immutable and was left out', () => {
    const before = stored({ databaseName: 'mydb', username: 'admin', storage: { size: '10Gi', storageClass: 'fast' } });
    const after = specOf(database({ storage: undefined }), before);
    assert.deepEqual(pick(after, 'databaseName', 'username', 'storage'), {
      databaseName: 'mydb',
      username: 'admin',
      storage: { size: '10Gi', storageClass: 'fast' },
    });
  });
});
