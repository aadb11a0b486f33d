import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fields, quote, quoteBytes } from './go-text.ts';
import { parseImage } from './image.ts';
import { closest, didYouMean, distance } from './nearest.ts';
import { compareVersions, formatVersion, parseVersion, type Version } from './version.ts';

const version = (text: string): Version => {
  const parsed = parseVersion(text);
  assert.ok(parsed, text);
  return parsed;
};

describe('version', () => {
  for (const text of ['', '16.', '.16', 'v16', '16.3.1.2', '16-alpine', '1e3', '１６', '16\n', '-1', '1'.repeat(10)]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseVersion(text), undefined));
  }
  it('orders by numbers, not by text', () => {
    const sorted = ['9.0', '10', '10.0', '10.2', '10.11', '10.11.1', '11'];
    assert.deepEqual(
      [...sorted].reverse().sort((a, b) => compareVersions(version(a), version(b))),
      sorted,
    );
    assert.equal(compareVersions(version('016.3'), version('16.03')), 0);
    assert.equal(formatVersion(version('016.03')), '16.3');
  });
});

describe('parseImage', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  for (const [text, registry, repository, tag, at] of [
    ['postgres', 'docker.io', 'postgres', undefined, undefined],
    ['postgres:16.3', 'docker.io', 'postgres', '16.3', undefined],
    ['bitnami/postgresql:16', 'docker.io', 'bitnami/postgresql', '16', undefined],
    ['localhost/pg', 'localhost', 'pg', undefined, undefined],
    ['registry:5000/a/b', 'registry:5000', 'a/b', undefined, undefined],
    ['registry:5000/a/b:1', 'registry:5000', 'a/b', '1', undefined],
    [`r.example.com/pg:16@${digest}`, 'r.example.com', 'pg', '16', digest],
    [`pg@${digest}`, 'docker.io', 'pg', undefined, digest],
    ['[::1]:5000/pg', '[::1]:5000', 'pg', undefined, undefined],
    ['a__b/c-_x'.replace('-_', '--'), 'docker.io', 'a__b/c--x', undefined, undefined],
  ] as const) {
    it(`reads ${text.slice(0, 40)}`, () => {
      const image = parseImage(text);
      assert.deepEqual(
        [image?.registry, image?.repository, image?.tag, image?.digest],
        [registry, repository, tag, at],
      );
    });
  }
  for (const text of [
    '',
    ':16',
    'Postgres',
    'pg:',
    'pg@sha256:abc',
    'a b',
    'pg:-x',
    '/pg',
    'pg/',
    'a//b',
    'pg:1:2',
    `pg@${digest}@${digest}`,
    'http://r/pg',
    'a'.repeat(600),
    `pg:${'1'.repeat(129)}`,
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => assert.equal(parseImage(text), undefined));
  }
  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseImage(text)));
  });
});

describe('nearest', () => {
  it('counts a swap as one slip', () => {
    assert.equal(distance('ab', 'ba'), 1);
    assert.equal(distance('', 'abc'), 3);
    assert.equal(distance('kitten', 'sitting'), 3);
  });
  it('is a metric where it must be', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        assert.equal(distance(a, b), distance(b, a));
        assert.equal(distance(a, a), 0);
        assert.ok(distance(a, b) <= Math.max(a.length, b.length));
      }),
    );
  });
  it('suggests slips and nothing else', () => {
    const names = ['postgresql', 'mysql', 'mariadb', 'mongodb', 'redis'];
    assert.equal(closest('postgres', names), 'postgresql');
    assert.equal(closest('PostgreSQL', names), 'postgresql');
    assert.equal(closest('mogno', ['mongo', 'redis']), 'mongo');
    assert.equal(closest('oracle', names), undefined);
    assert.equal(closest('', names), undefined);
    assert.equal(didYouMean('msyql', names), '; did you mean "mysql"?');
    assert.equal(didYouMean('cassandra', names), '');
  });
});

describe("Go's text", () => {
  it('quotes as strconv does', () => {
    assert.equal(quote('a"\\\n\u0000\u007f\u00a0é１\u{e0001}'), '"a\\"\\\\\\n\\x00\\x7f\\u00a0é１\\U000e0001"');
    assert.equal(quote('\ud800'), '"\ufffd"');
  });
  it('quotes as the time package does', () => assert.equal(quoteBytes('1"é'), '"1\\"\\xc3\\xa9"'));
  it('splits at what Go calls space', () => {
    assert.deepEqual(fields(' a\u0085b\u3000c\t\nd\ufeff '), ['a', 'b', 'c', 'd\ufeff']);
    assert.deepEqual(fields(''), []);
  });
});
