import assert from 'node:assert/strict';
import { covers } from './drift.ts';

describe('covers', () => {
  const yes: [string, unknown, unknown][] = [
    ['defaults of the server', { a: 1, b: 2 }, { a: 1 }],
    ['nothing wanted', { a: 1 }, undefined],
    ['an empty map that the server dropped', undefined, {}],
    ['an empty list that the server dropped', undefined, []],
    ['an injected sidecar', [{ name: 'x' }, { name: 'sidecar' }], [{ name: 'x' }]],
    ['named items in another order', [{ name: 'b' }, { name: 'a' }], [{ name: 'a' }, { name: 'b' }]],
    [
      'one volume mounted twice',
      [
        { name: 'v', mountPath: '/a' },
        { name: 'v', mountPath: '/b', readOnly: true },
      ],
      [{ name: 'v', mountPath: '/b' }],
    ],
    ['a quantity in another form', { requests: { memory: '1Gi' } }, { requests: { memory: '1024Mi' } }],
  ];
  for (const [title, live, wanted] of yes) it(`accepts ${title}`, () => assert.ok(covers(live, wanted)));

  const no: [string, unknown, unknown][] = [
    ['another value', { a: 2 }, { a: 1 }],
    ['a missing field', {}, { a: 1 }],
    ['a missing item', [{ name: 'b' }], [{ name: 'a' }]],
    ['one more item of a list without names', [1, 2], [1]],
    ['another order of a list without names', [2, 1], [1, 2]],
    ['one more key in a selector', { selector: { app: 'a', extra: 'b' } }, { selector: { app: 'a' } }],
    ['a selector where all was meant', { podSelector: { matchLabels: { a: 'b' } } }, { podSelector: {} }],
    ['an item where none was wanted', { ingress: [{}, { from: [] }] }, { ingress: [] }],
    ['another quantity', { limits: { memory: '2Gi' } }, { limits: { memory: '1Gi' } }],
    ['text that only looks like a quantity elsewhere', { value: '1000m' }, { value: '1' }],
  ];
  for (const [title, live, wanted] of no) it(`refuses ${title}`, () => assert.ok(!covers(live, wanted)));
});
