import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { KubernetesObject } from '../../api/object.ts';
import { bare, redactor, secretValues, struck } from './redact.ts';

const secret = (data: Readonly<Record<string, string>>, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'orders-secret', namespace: 'shop', annotations: { note: JSON.stringify(data) } },
  type: 'Opaque',
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  ...more,
});
const none = redactor([]);

describe('what a report leaves out', () => {
  it('values of Secrets, in every form, wherever they stand', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 40 }), fc.string(), fc.string(), (value, before, after) => {
        const known = value.trim();
        fc.pre(known.length >= 6 && !struck.includes(known) && !before.includes(known) && !after.includes(known));
        const redact = redactor(secretValues([secret({ password: value })]));
        const forms = [known, encodeURIComponent(known), Buffer.from(known).toString('base64'), JSON.stringify(known)];
        for (const form of forms) {
          const text = redact(`${before}\n${form}\n${after}`);
          assert.ok(!text.includes(known), text);
        }
      }),
    );
  });

  it('the same inside objects, whatever YAML makes of them', () => {
    const value = 'a very "long" pass: phrase with words, which YAML folds and quotes when it stands in a text\n\ttab';
    const redact = redactor(secretValues([secret({ password: value })]));
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { file: `a = ${value}\nb = 1` } };
    const text = stringify(bare(map, redact), { lineWidth: 0 });
    assert.ok(text.includes(struck) && text.includes('b = 1'), text);
    assert.doesNotMatch(text, /phrase|folds/);
  });

  it('a Secret keeps its keys and their lengths, and nothing else that tells', () => {
    const values = { password: 'correct-horse', uri: 'postgresql://u:correct-horse@h:1/d', username: 'shopper' };
    const text = stringify(bare(secret(values), none));
    assert.match(text, /password: 13/);
    for (const value of Object.values(values)) {
      assert.ok(!text.includes(`: ${value}`));
      assert.ok(!text.includes(Buffer.from(value).toString('base64')));
    }
    assert.doesNotMatch(text, /annotations|correct/);
  });

  it('short values as whole words only', () => {
    const redact = redactor(secretValues([secret({ password: 'abc' })]));
    assert.equal(redact('abc abcd "abc" xabc'), `${struck} abcd "${struck}" xabc`);
  });

  it('not the names and addresses that a report is about', () => {
    const values = secretValues([
      secret({ username: 'orders', host: 'orders-primary', port: '5432', database: 'orders' }),
    ]);
    assert.deepEqual(values, []);
    assert.deepEqual(secretValues([secret({ release: 'H4sIAAAA' }, { type: 'helm.sh/release.v1' })]), []);
  });

  const unknown: readonly (readonly [string, string])[] = [
    ['uri', 'connecting to postgresql://orders:hunter2@db:5432/x'],
    ['uri without a user', 'redis://:hunter2@cache'],
    ['assignment', 'password=hunter2 host=x'],
    ['yaml', 'superuser-password: hunter2'],
    ['json', '{"password":"hunter2","x":1}'],
    ['postgresql', "CREATE ROLE a LOGIN PASSWORD 'hunter2';"],
    ['mysql', "CREATE USER a IDENTIFIED BY 'hunter2'"],
    ['mysql with a plugin', "ALTER USER a IDENTIFIED WITH caching_sha2_password AS 'hunter2'"],
    ['redis', 'requirepass hunter2'],
    ['redis replication', 'masterauth "hunter2"'],
    ['header', 'Authorization: Bearer hunter2'],
    ['key', '-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----'],
    ['key that is cut short', '-----BEGIN PRIVATE KEY-----\nhunter2'],
  ];
  for (const [title, text] of unknown) {
    it(`what looks like a credential although no Secret has it: ${title}`, () => {
      assert.doesNotMatch(none(text), /hunter2/);
    });
  }

  it('not what only speaks of credentials', () => {
    const text = 'FATAL:  password authentication failed for user "orders"; the Secret orders-secret is there';
    assert.equal(none(text), text);
  });

  it('environment values, managed fields and the last applied configuration', () => {
    const pod: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'orders-0',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'hunter2', kept: 'yes' },
        ...{ managedFields: [{ manager: 'hunter2' }] },
      },
      spec: {
        containers: [
          {
            env: [
              { name: 'TOKEN_OF_MINE', value: 'hunter2' },
              { name: 'REF', valueFrom: { secretKeyRef: { name: 'a', key: 'password' } } },
            ],
          },
        ],
      },
    };
    const text = stringify(bare(pod, none));
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /kept: "?yes/);
    assert.match(text, /key: password/);
  });

  it('settings whose name says what they hold, but not the names of Secrets', () => {
    const object = {
      apiVersion: 'x',
      kind: 'Database',
      metadata: { name: 'x' },
      spec: {
        config: { parameters: { ssl_password: 'hunter2' } },
        s3: { credentialsSecret: 's3-keys' },
        tls: { certificateSecret: 'web' },
      },
    };
    const text = stringify(bare(object, none));
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /s3-keys[\s\S]*web/);
  });
});
