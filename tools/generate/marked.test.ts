import assert from 'node:assert/strict';
import { fillMarked } from './marked.ts';

describe('marked parts of documents', () => {
  it('are replaced, and nothing else is', () => {
    const text = 'a\n<!-- begin x -->\nold\n<!-- end -->\nb\n<!-- begin y z -->\n<!-- end -->\n';
    const filled = fillMarked(text, { x: 'new', 'y z': 'more' });
    assert.equal(filled, 'a\n<!-- begin x -->\n\nnew\n\n<!-- end -->\nb\n<!-- begin y z -->\n\nmore\n\n<!-- end -->\n');
    assert.equal(fillMarked(filled, { x: 'new', 'y z': 'more' }), filled);
  });
  it('that nobody makes are an error', () => {
    assert.throws(
      () => fillMarked('<!-- begin q -->\n<!-- end -->', { x: '' }),
      /nothing is made for <!-- begin q -->; known: x/,
    );
  });
});
