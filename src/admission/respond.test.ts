import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allowed, invalidStatus } from './decision.ts';
import type { Decision } from './decision.ts';
import { invalid, required } from './field.ts';
import { headerWarnings, respond } from './respond.ts';
import type { AdmissionReview } from './respond.ts';

const request = { uid: 'abc', reviewVersion: 'admission.k8s.io/v1', operation: 'CREATE' } as const;
const patched: Decision = {
  ...allowed,
  patch: [{ op: 'add', path: '/spec/engine', value: 'postgresql' }],
  defaulted: ['spec.engine'],
};

/** What the API server checks of an answer before it believes it. */
function verify(review: AdmissionReview, uid: string, mutating: boolean): void {
  assert.equal(review.kind, 'AdmissionReview');
  const { response } = review;
  assert.equal(response.uid, uid);
  assert.equal(response.patch === undefined, response.patchType === undefined, 'both or neither');
  if (!mutating) assert.equal(response.patch, undefined);
  if (response.patch !== undefined) assert.ok(response.patch.length > 0);
  for (const key of Object.keys(response.auditAnnotations ?? {})) assert.match(key, /^[a-z]([-a-z]{0,61}[a-z])?$/);
  assert.ok(!('request' in review));
}

describe('respond', () => {
  it('v1-create-allow: says no more than yes', () => {
    assert.deepEqual(respond(request, allowed, 'mutate'), {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'abc', allowed: true },
    });
  });

  it('v1beta1-echo: answers in the version in which it was asked', () => {
    const review = respond({ ...request, reviewVersion: 'admission.k8s.io/v1beta1' }, patched, 'mutate');
    assert.equal(review.apiVersion, 'admission.k8s.io/v1beta1');
    verify(review, 'abc', true);
  });

  it('carries the patch in base64', () => {
    const review = respond(request, patched, 'mutate');
    verify(review, 'abc', true);
    assert.equal(review.response.patchType, 'JSONPatch');
    assert.deepEqual(JSON.parse(Buffer.from(review.response.patch ?? '', 'base64').toString()), patched.patch);
    assert.deepEqual(review.response.auditAnnotations, { 'defaults-applied': 'spec.engine' });
  });

  it('never patches on /validate, on DELETE, or with a refusal', () => {
    for (const review of [
      respond(request, patched, 'validate'),
      respond({ ...request, operation: 'DELETE' }, patched, 'mutate'),
      respond(request, { ...patched, allowed: false }, 'mutate'),
    ]) {
      verify(review, 'abc', false);
      assert.equal(review.response.auditAnnotations?.['defaults-applied'], review.response.patch);
    }
  });

  it("v1-update-deny-causes: a refusal reads as the API server's own", () => {
    const violations = [
      { ...required('spec.version', 'set a version'), rule: 'DB010' },
      { ...invalid('spec.replicas', 99, 'must be between 1 and 10, inclusive'), rule: 'DB030' },
    ];
    const refusal = invalidStatus('example.com', 'Database', 'orders', violations);
    const { response } = respond(request, { ...allowed, allowed: false, findings: violations, refusal }, 'validate');
    assert.deepEqual(response, {
      uid: 'abc',
      allowed: false,
      status: {
        status: 'Failure',
        code: 422,
        reason: 'Invalid',
        message:
          'Database.example.com "orders" is invalid: [spec.version: Required value: set a version, ' +
          'spec.replicas: Invalid value: 99: must be between 1 and 10, inclusive]',
        details: {
          group: 'example.com',
          kind: 'Database',
          name: 'orders',
          causes: [
            { reason: 'FieldValueRequired', field: 'spec.version', message: 'Required value: set a version' },
            {
              reason: 'FieldValueInvalid',
              field: 'spec.replicas',
              message: 'Invalid value: 99: must be between 1 and 10, inclusive',
            },
          ],
        },
      },
      auditAnnotations: { 'rule-ids': 'DB010,DB030' },
    });
  });

  it('uid-arbitrary: the uid comes back as it came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (uid) =>
        verify(respond({ ...request, uid }, patched, 'mutate'), uid, true),
      ),
    );
  });

  it('audit-keys-qualified', () => {
    const findings = [{ ...required('spec.version', 'x'), rule: 'DB010' }];
    verify(respond(request, { ...patched, findings }, 'mutate'), 'abc', true);
  });
});

describe('headerWarnings', () => {
  it('warning-newline-split: a control character would make the API server drop the header', () => {
    assert.deepEqual(headerWarnings(['one\ntwo\r\n\u0000three\tfour\u007f', '', ' \n ']), ['one', 'two', 'three four']);
  });

  it('cuts long ones between words and marks the rest', () => {
    const lines = headerWarnings(['word '.repeat(120)]);
    assert.equal(lines.length, 3);
    assert.ok(lines.slice(1).every((line) => line.startsWith('… word')));
    assert.equal(lines.join(' ').replaceAll('… ', ''), 'word '.repeat(120).trim());
  });

  it('says each thing once', () => assert.deepEqual(headerWarnings(['same', 'same']), ['same']));

  it('says how many lines it left out', () => {
    const lines = headerWarnings(Array.from({ length: 40 }, (_, index) => `warning ${index}`));
    assert.equal(lines.length, 16);
    assert.match(lines.at(-1) ?? '', /^25 more lines/);
  });

  it('stays within the limits of the API server, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { maxLength: 40 }), (texts) => {
        const lines = headerWarnings(texts);
        assert.ok(lines.length <= 16);
        assert.ok(lines.reduce((sum, line) => sum + Array.from(line).length, 0) <= 4096);
        for (const line of lines) {
          assert.ok(Array.from(line).length <= 240 && line.trim() !== '');
          assert.doesNotMatch(line, /\p{Cc}|\p{Cs}/u);
        }
      }),
    );
  });
});
