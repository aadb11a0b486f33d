import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeReview } from './review.ts';
import { database } from './rules/examples.ts';
import { bytesOf, deletionOf, requestFor } from './testing.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function refusal(body: Uint8Array): string {
  const decoded = decodeReview(body);
  assert.ok(!decoded.ok, 'must be refused');
  assert.equal(decoded.status, 400);
  return decoded.message;
}

describe('decodeReview', () => {
  it('reads what the API server sends', () => {
    const request = requestFor(database(), database(), { dryRun: true });
    assert.deepEqual(decodeReview(bytesOf(request)), { ok: true, request });
  });

  it('delete-oldobject: object is null on DELETE', () => {
    const request = deletionOf(database());
    assert.deepEqual(decodeReview(bytesOf(request)), { ok: true, request });
  });

  it('reads v1beta1 as well', () => {
    const request = requestFor(database(), undefined, { reviewVersion: 'admission.k8s.io/v1beta1' });
    assert.deepEqual(decodeReview(bytesOf(request)), { ok: true, request });
  });

  const review = (request: unknown): string =>
    JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
  const object = { metadata: {} };
  for (const [title, body, message] of [
    ['an empty body', '', /empty/],
    ['truncated JSON', '{"apiVersion"', /not JSON/],
    ['a byte order mark', `\uFEFF${review({})}`, /not JSON/],
    ['a list', '[]', /not an AdmissionReview/],
    ['an empty object', '{}', /not an AdmissionReview/],
    ['null', 'null', /not an AdmissionReview/],
    ['a number', '1', /not an AdmissionReview/],
    ['another kind', '{"kind":"Pod","apiVersion":"v1"}', /not an AdmissionReview/],
    ['a version of tomorrow', '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2"}', /must be one of/],
    ['no request', review(null), /has no request/],
    ['no uid', review({ operation: 'CREATE', object }), /uid/],
    ['an unknown operation', review({ uid: 'u', operation: 'PEEK', object }), /operation/],
    ['a CREATE of nothing', review({ uid: 'u', operation: 'CREATE', object: null }), /object is missing/],
    ['an UPDATE to nothing', review({ uid: 'u', operation: 'UPDATE' }), /object is missing/],
    ['an object that is a list', review({ uid: 'u', operation: 'CREATE', object: [] }), /request.object must be/],
    ['an object without metadata', review({ uid: 'u', operation: 'CREATE', object: {} }), /request.object must be/],
    ['an old object that is text', review({ uid: 'u', operation: 'UPDATE', object, oldObject: 'x' }), /oldObject/],
  ] as const) {
    it(`refuses ${title}`, () => assert.match(refusal(bytes(body)), message));
  }

  it('refuses what is not UTF-8', () => assert.match(refusal(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])), /UTF-8/));

  it('refuses deep nesting, without running out of stack', () => {
    const deep = `{"kind":"AdmissionReview","request":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    assert.match(refusal(bytes(deep)), /nested deeper/);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => void decodeReview(body)),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.jsonValue(), (body, request) => {
        decodeReview(bytes(body));
        decodeReview(bytes(review(request)));
      }),
      { numRuns: 300 },
    );
  });
});
