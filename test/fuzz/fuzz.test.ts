import assert from 'node:assert/strict';
import { noFacts } from '../../src/admission/facts.ts';
import { bytesOf, requestFor } from '../../src/admission/testing.ts';
import { database } from '../../src/admission/rules/examples.ts';
import { readCorpus } from './corpus.ts';
import { faultOf, ownTime } from './judge.ts';
import { caseOf } from './review.ts';
import { raw, render } from './values.ts';
import { faultOfAnswer } from './verify.ts';

describe('fuzzing notices', () => {
  const expected = { uid: 'u', reviewVersion: 'admission.k8s.io/v1', mutating: true };
  const answer = (response: object, apiVersion = 'admission.k8s.io/v1'): string =>
    JSON.stringify({ apiVersion, kind: 'AdmissionReview', response: { uid: 'u', allowed: true, ...response } });
  const patch = Buffer.from('[]').toString('base64');
  const bad: Readonly<Record<string, string>> = {
    'another uid': answer({ uid: 'v' }),
    'another version': answer({}, 'admission.k8s.io/v1beta1'),
    'a verdict that is no boolean': answer({ allowed: 'true' }),
    'patchType without patch': answer({ patchType: 'JSONPatch' }),
    'patch without patchType': answer({ patch }),
    'a patch that is not base64': answer({ patch: '[]', patchType: 'JSONPatch' }),
    'a patch beside a refusal': answer({ allowed: false, patch, patchType: 'JSONPatch' }),
    'a refusal without status': answer({ allowed: false }),
    'a fault of ours': answer({ allowed: false, status: { code: 500, message: 'x' } }),
    'a warning that breaks the header': answer({ warnings: ['a\nb'] }),
    'warnings that would be cut': answer({ warnings: Array.from({ length: 40 }, () => 'w'.repeat(120)) }),
    'an audit key with a slash': answer({ auditAnnotations: { 'a/b': 'c' } }),
  };
  for (const [title, json] of Object.entries(bad)) {
    it(title, () => assert.ok(faultOfAnswer(json, expected) !== undefined));
  }

  it('nothing wrong with a good answer', () => {
    assert.equal(faultOfAnswer(answer({ warnings: ['w'], patch, patchType: 'JSONPatch' }), expected), undefined);
    assert.notEqual(
      faultOfAnswer(answer({ patch, patchType: 'JSONPatch' }), { ...expected, mutating: false }),
      undefined,
    );
  });

  it('a slow answer', () => {
    let time = 0;
    const body = bytesOf(requestFor(database()));
    assert.match(faultOf({ body, facts: noFacts }, () => (time += 60)) ?? '', /60 ms/);
  });

  it('facts that throw', () => {
    const facts = {
      ...noFacts,
      get: () => {
        throw new Error('no store');
      },
    };
    assert.match(faultOf({ body: bytesOf(requestFor(database())), facts }, ownTime) ?? '', /panicked.*no store/);
  });
});

describe('cases', () => {
  it('are the same for the same seed', () => {
    const corpus = readCorpus();
    for (let seed = 0; seed < 50; seed++) {
      assert.deepEqual(caseOf(seed, corpus).body, caseOf(seed, readCorpus()).body);
    }
  });

  it('carry what no JavaScript value could', () => {
    assert.equal(render({ a: raw('9007199254740993'), b: ['x', raw('-0')] }), '{"a":9007199254740993,"b":["x",-0]}');
  });
});
