import assert from 'node:assert/strict';
import { endOfLife, findVersion, isDowngrade, isMajorChange } from './catalogue.ts';
import type { Catalogue } from './engine.ts';
import { engineByName, engineNames, engines } from './index.ts';
import { enginesWithVersion, inferEngine, inferFromImage } from './infer.ts';

const one: Catalogue = {
  lineComponents: 1,
  source: 'test',
  lines: [
    { line: '9', released: '2017-01-01', endOfLife: '2022-11-10', firstPatch: 0, newestPatch: 9 },
    { line: '10', released: '2018-01-01', firstPatch: 2, newestPatch: 4 },
    { line: '16', released: '2023-09-14', endOfLife: '2028-11-09', firstPatch: 0, newestPatch: 15, skipped: [5, 6] },
  ],
};
const two: Catalogue = {
  lineComponents: 2,
  source: 'test',
  lines: [
    { line: '5.7', released: '2015-10-21', firstPatch: 9, newestPatch: 44 },
    { line: '8.0', released: '2018-04-19', firstPatch: 11, newestPatch: 46 },
    { line: '8.4', released: '2024-04-30', firstPatch: 0, newestPatch: 11 },
  ],
};

describe('findVersion', () => {
  for (const [catalogue, version, line, floating] of [
    [one, '16', '16', true],
    [one, '16.3', '16', false],
    [one, '10.2', '10', false],
    [two, '8.0', '8.0', true],
    [two, '8', '8.4', true],
    [two, '5.7.9', '5.7', false],
  ] as const) {
    it(`${version} exists`, () => {
      const found = findVersion(catalogue, version);
      assert.deepEqual(found.exists && [found.line.line, found.floating], [line, floating]);
    });
  }

  for (const [catalogue, version, nearest, newerThanKnown] of [
    [one, '16.99', '16.15', true],
    [one, '16.5', '16.4', false],
    [one, '16.6', '16.7', false],
    [one, '17', '16', true],
    [one, '17.1', '16.15', true],
    [one, '12', '10', false],
    [one, '12.3', '10.4', false],
    [one, '10.1', '10.2', false],
    [one, '8.4', '9.9', false],
    [one, '16.3.1', '16.3', false],
    [one, '016.3', '16.3', false],
    [two, '8.0.5', '8.0.11', false],
    [two, '8.0.99', '8.0.46', true],
    [two, '8.2', '8.0', false],
    [two, '8.2.1', '8.0.46', false],
    [two, '9.0.1', '8.4.11', true],
    [two, '4', '5.7', false],
    [two, '6', '5.7', false],
  ] as const) {
    it(`${version} does not, ${nearest} does`, () => {
      assert.deepEqual(findVersion(catalogue, version), { exists: false, nearest, newerThanKnown });
    });
  }

  for (const version of ['', 'latest', '16-alpine', '16.', '1.2.3.4', ' 16']) {
    it(`${JSON.stringify(version)} is no version`, () => assert.equal(findVersion(one, version).exists, false));
  }
});

describe('changes of version', () => {
  it('a downgrade is below as far as both are written', () => {
    assert.ok(isDowngrade('16.3', '16.2'));
    assert.ok(isDowngrade('16', '15.9'));
    assert.ok(isDowngrade('8.0.36', '8.0.9'));
    for (const [from, to] of [
      ['16.3', '16'],
      ['16', '16.0'],
      ['9.6', '10'],
      ['8.0.9', '8.0.36'],
      ['', '1'],
    ] as const) {
      assert.equal(isDowngrade(from, to), false);
    }
  });

  it('a major change leaves the line', () => {
    assert.equal(isMajorChange(one, '16.1', '16.15'), false);
    assert.ok(isMajorChange(one, '10.4', '16'));
    assert.ok(isMajorChange(two, '8.0.36', '8.4'));
    assert.equal(isMajorChange(two, '8', '8.4.1'), false);
    assert.ok(isMajorChange(one, '99.1', '98.1'));
  });

  it('support ends after its last day', () => {
    const line = one.lines[0]!;
    assert.equal(endOfLife(line, new Date('2022-11-10T23:59:59Z')), undefined);
    assert.equal(endOfLife(line, new Date('2022-11-11T00:00:00Z')), '2022-11-10');
    assert.equal(endOfLife(one.lines[1]!, new Date('2099-01-01T00:00:00Z')), undefined);
  });
});

describe('versions seen in the wild', () => {
  for (const [name, versions] of [
    ['postgresql', ['13.7', '13.8', '14.2', '15.3', '14', '16', '17', '18', '10.23']],
    ['mysql', ['5.7', '8.0', '8.0.36', '8.4', '9.7']],
    ['mariadb', ['10.3', '10.11', '11.4.2', '11.8']],
    ['mongodb', ['4.4', '6.0', '7.0.12', '8.0']],
    ['redis', ['6.2', '7.2.4', '7.4', '8.0']],
  ] as const) {
    for (const version of versions) {
      it(`${name} ${version}`, () => assert.ok(findVersion(engineByName(name)!.catalogue, version).exists));
    }
  }
  for (const [name, version] of [
    ['postgresql', '9.6'],
    ['postgresql', '19'],
    ['mysql', '5.6'],
    ['mysql', '8.0.10'],
    ['mariadb', '10.2'],
    ['mongodb', '4.2'],
    ['redis', '5.0'],
  ] as const) {
    it(`not ${name} ${version}`, () => assert.equal(findVersion(engineByName(name)!.catalogue, version).exists, false));
  }
});

describe('the list of engines', () => {
  it('has the order in which ambiguous versions are given out', () => {
    assert.deepEqual(engineNames, ['postgresql', 'mysql', 'mariadb', 'mongodb', 'redis']);
  });
  it('finds by exact name only', () => {
    assert.equal(engineByName('redis')?.title, 'Redis');
    for (const name of ['', 'Redis', 'constructor', 'oracle']) assert.equal(engineByName(name), undefined);
  });
});

describe('inferEngine', () => {
  for (const [spec, engine, from, others] of [
    [{ version: '8.0' }, 'mysql', 'version', ['mongodb', 'redis']],
    [{ version: '14.2' }, 'postgresql', 'version', []],
    [{ version: '10.11' }, 'postgresql', 'version', ['mariadb']],
    [{ version: '7.0' }, 'mongodb', 'version', ['redis']],
    [{ version: '6.2' }, 'mongodb', 'version', ['redis']],
    [{ image: 'postgres:14' }, 'postgresql', 'image', []],
    [{ image: 'redis:8.0', version: '8.0' }, 'redis', 'image', []],
    [{ image: 'example.com/unknown:8.0', version: '8.0' }, 'mysql', 'version', ['mongodb', 'redis']],
  ] as const) {
    it(`${JSON.stringify(spec)} → ${engine}`, () =>
      assert.deepEqual(inferEngine(engines, spec), { engine, from, others }));
  }
  for (const spec of [{}, { version: '3.1' }, { image: 'nginx:1' }, { image: 'not an image' }, { version: 'latest' }]) {
    it(`${JSON.stringify(spec)} says nothing`, () => assert.equal(inferEngine(engines, spec), undefined));
  }
  it('lists all that have a version', () => {
    assert.deepEqual(
      enginesWithVersion(engines, '8.0').map(({ name }) => name),
      ['mysql', 'mongodb', 'redis'],
    );
  });
});

describe('inferFromImage', () => {
  for (const [image, engine, version] of [
    ['postgres', 'postgresql', undefined],
    ['postgres:latest', 'postgresql', undefined],
    ['postgres:17.2-bookworm', 'postgresql', '17.2'],
    ['docker.io/library/postgres:16', 'postgresql', '16'],
    ['bitnami/postgresql:16.3.0-debian-12-r1', 'postgresql', '16.3'],
    ['postgis/postgis:16-3.4', 'postgresql', '16'],
    [`postgres:16.3@sha256:${'0'.repeat(64)}`, 'postgresql', '16.3'],
    ['r.example.com:5000/mirror/mysql:v8.0.36', 'mysql', '8.0.36'],
    ['mongo:7.0.12-jammy', 'mongodb', '7.0.12'],
    ['mariadb:11', 'mariadb', '11'],
    ['redis:alpine', 'redis', undefined],
    ['redis:8x', 'redis', undefined],
  ] as const) {
    it(image.slice(0, 60), () => {
      const guess = inferFromImage(engines, image);
      assert.deepEqual([guess?.engine.name, guess?.version], [engine, version]);
    });
  }
  for (const image of ['nginx', 'postgresx:14', 'my-postgres:14', 'postgres/tool', '', 'Postgres:14']) {
    it(`nothing from ${JSON.stringify(image)}`, () => assert.equal(inferFromImage(engines, image), undefined));
  }
});
