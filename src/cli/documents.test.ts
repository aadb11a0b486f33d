import assert from 'node:assert/strict';
import { parseManifests } from './documents.ts';
import { parseFlags } from './flags.ts';

describe('parseManifests', () => {
  const objectOf = (text: string): unknown => {
    const parsed = parseManifests('x', text);
    assert.ok(parsed.ok, JSON.stringify(parsed));
    return parsed.manifests[0]?.object;
  };

  it("reads scalars as Kubernetes' YAML reader does", () => {
    const text = 'a: yes\nb: "yes"\nc: off\nd: 8.10\ne: 2026-01-01T00:00:00Z\nf: 12:30:45\ng: ~\nh: No';
    const expected = {
      a: true,
      b: 'yes',
      c: false,
      d: 8.1,
      e: '2026-01-01T00:00:00Z',
      f: '12:30:45',
      g: null,
      h: false,
    };
    assert.deepEqual(objectOf(text), expected);
  });

  it('resolves anchors and merges', () => {
    assert.deepEqual(objectOf('base: &b {x: 1}\nc: {<<: *b, z: 2}'), { base: { x: 1 }, c: { x: 1, z: 2 } });
  });

  it('reads a byte order mark and Windows line ends', () => {
    assert.deepEqual(objectOf('\uFEFFa: 1\r\nb: 2\r\n'), { a: 1, b: 2 });
  });

  it('keeps names of the prototype as plain keys', () => {
    const object = objectOf('{"__proto__": {"polluted": true}, "a": 1}') as object;
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.deepEqual(Object.keys(object), ['__proto__', 'a']);
  });
});

describe('parseFlags', () => {
  const table = { values: { file: 'f', output: 'o' }, repeated: ['file'] };
  it('reads long and short forms, values inline or next, and what follows --', () => {
    const parsed = parseFlags(['-f', 'a', '--file=b=c', 'rest', '-o', '-', '--', '-f'], table);
    assert.ok(parsed.ok);
    assert.deepEqual(Object.fromEntries(parsed.flags), { file: ['a', 'b=c'], output: ['-'] });
    assert.deepEqual(parsed.rest, ['rest', '-f']);
  });
  for (const args of [['-x', '1'], ['--fil', '1'], ['-f'], ['-o', 'a', '-o', 'b'], ['--constructor', 'x'], ['-fx']]) {
    it(`refuses ${args.join(' ')}`, () => assert.equal(parseFlags(args, table).ok, false));
  }
});
