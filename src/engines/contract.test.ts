/** What every engine must hold to, whatever it is: a new one is added to the list and runs through all of this. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { sample } from '../../test/support/sample-engine.ts';
import type { Database } from '../api/types.generated.ts';
import { makeSafeIdentifier } from '../values/names.ts';
import { compareVersions, parseVersion } from '../values/version.ts';
import { findVersion, newestOf, sortedLines } from './catalogue.ts';
import type { Engine, Sizing } from './engine.ts';
import { engineByName, engines as shipped } from './index.ts';
import { inferFromImage } from './infer.ts';
import { ownedParameter } from './parameters.ts';

/** The last one is added here and nowhere else. */
const engines: readonly Engine[] = [...shipped, sample];

const MiB = 1024 * 1024;
const sizing: Sizing = { memoryBytes: 1024 * MiB, volumeBytes: 10 * 1024 * MiB };

const database = (engine: Engine, config: object = {}, name = 'orders'): Database =>
  ({
    apiVersion: 'example.com/v1',
    kind: 'Database',
    metadata: { name, namespace: 'shop' },
    spec: { engine: engine.name, version: engine.catalogue.lines.at(-1)?.line, config },
  }) as Database;

/** Lines that say something, without the one name that is looked for. */
const linesWithout = (text: string, name: string): string[] =>
  text.split(/[\n\r]/).filter((line) => line.trim() !== '' && !line.includes(name));

for (const engine of engines) {
  const { catalogue } = engine;
  describe(`engine ${engine.name}`, () => {
    it('has a sane catalogue', () => {
      assert.deepEqual(catalogue.lines, sortedLines(catalogue));
      assert.equal(new Set(catalogue.lines.map(({ line }) => line)).size, catalogue.lines.length);
      for (const line of catalogue.lines) {
        assert.equal(line.line.split('.').length, catalogue.lineComponents);
        for (const date of [line.released, line.endOfLife ?? line.released]) {
          assert.equal(new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10), date);
        }
        assert.ok((line.endOfLife ?? '9999') > line.released, line.line);
        assert.ok(line.firstPatch >= 0 && line.firstPatch <= line.newestPatch);
        const skipped = line.skipped ?? [];
        assert.ok(skipped.every((patch) => patch > line.firstPatch && patch < line.newestPatch));
      }
    });

    it('finds every release of its catalogue, and none around it', () => {
      for (const line of catalogue.lines) {
        for (const version of [line.line, newestOf(line), `${line.line}.${line.firstPatch}`]) {
          const found = findVersion(catalogue, version);
          assert.ok(found.exists && found.line === line, version);
        }
        for (const patch of [line.newestPatch + 1, line.firstPatch - 1, ...(line.skipped ?? [])]) {
          if (patch >= 0) assert.equal(findVersion(catalogue, `${line.line}.${patch}`).exists, false);
        }
      }
    });

    it('names the nearest release that exists for anything that does not', () => {
      const part = fc.integer({ min: 0, max: 120 });
      fc.assert(
        fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
          const found = findVersion(catalogue, parts.join('.'));
          if (found.exists) return;
          assert.ok(findVersion(catalogue, found.nearest).exists, `${parts.join('.')} → ${found.nearest}`);
        }),
      );
    });

    it('knows its own images, by any of their names and through a mirror', () => {
      for (const line of catalogue.lines) {
        const version = newestOf(line);
        const guess = inferFromImage(engines, engine.image(version));
        assert.deepEqual([guess?.engine.name, guess?.version], [engine.name, version]);
      }
      for (const repository of engine.imageRepositories) {
        const last = repository.split('/').at(-1) ?? '';
        for (const image of [repository, `${repository}:latest`, `mirror.example.com:5000/some/path/${last}:1`]) {
          assert.equal(inferFromImage(engines, image)?.engine.name, engine.name, image);
        }
      }
    });

    it('can use names made from objects, and keeps its own for itself', () => {
      for (const rules of [engine.databaseIdentifier, engine.userIdentifier]) {
        for (const name of ['orders', 'a', '0-day', 'x'.repeat(45), ...rules.reserved, ...rules.reservedPrefixes]) {
          const safe = makeSafeIdentifier(name, rules);
          assert.match(safe, rules.pattern);
          assert.ok(safe.length <= rules.maxLength && !rules.reserved.includes(safe));
          assert.ok(!rules.reservedPrefixes.some((prefix) => safe.startsWith(prefix)));
        }
        for (const bad of ['', '1a', 'a b', 'a"b', "a'b", 'a;b', 'a`b', 'a\nb', 'a/b', 'ä', 'a\n']) {
          assert.doesNotMatch(bad, rules.pattern);
        }
        assert.deepEqual(
          [...rules.reserved, ...rules.reservedPrefixes],
          [...rules.reserved, ...rules.reservedPrefixes].map((name) => name.toLowerCase()),
        );
      }
    });

    it('renders one configuration for one Database', () => {
      const config = { maxConnections: 77, queryTimeout: '30s', parameters: { zeta: 1, alpha: 'b c' } };
      const text = engine.renderConfig(database(engine, config), sizing);
      assert.equal(engine.renderConfig(structuredClone(database(engine, config)), { ...sizing }), text);
      const turned = { ...config, parameters: { alpha: 'b c', zeta: 1 } };
      assert.equal(engine.renderConfig(database(engine, turned), sizing), text);
      assert.ok(text.includes('77'), 'maxConnections is missing');
      assert.ok(text.endsWith('\n') && !text.includes('undefined') && !text.includes('NaN'));
    });

    it('fits any pod and any volume', () => {
      for (const memoryBytes of [undefined, 64 * MiB, 256 * MiB, 3 * 1024 * MiB, 512 * 1024 * MiB]) {
        for (const volumeBytes of [256 * MiB, 1024 * MiB, 16 * 1024 * 1024 * MiB]) {
          const text = engine.renderConfig(database(engine), { memoryBytes, volumeBytes });
          assert.doesNotMatch(text, /undefined|NaN|Infinity|[0-9]e[0-9]|= -/, `${memoryBytes} ${volumeBytes}`);
        }
      }
    });

    it('never lets a value become a second setting', () => {
      const evil = fc
        .tuple(
          fc.constantFrom('x', '', '"', "'", '\\', '#', '1'),
          fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\\\n'),
          fc.string(),
        )
        .map(
          ([before, end, after]) =>
            `${before}${end}evil_setting = 1${end}evil: 1${end}evil 1${after.replace(/[0-9]/g, '')}`,
        );
      const plain = engine.renderConfig(database(engine, { parameters: { harmless: '1' } }), sizing);
      const expected = linesWithout(plain, 'harmless');
      fc.assert(
        fc.property(evil, (value) => {
          const text = engine.renderConfig(database(engine, { parameters: { harmless: value } }), sizing);
          assert.deepEqual(linesWithout(text, 'harmless'), expected);
        }),
        { numRuns: 40 },
      );
    });

    it('never lets a name become a second setting', () => {
      for (const name of ['a\nevil', 'a = 1\nevil', 'a b', '[client]', '!include /etc/x', '#', '', 'a:', '-a', 'a"']) {
        const text = engine.renderConfig(database(engine, { parameters: { [name]: 'EVIL' } }), sizing);
        assert.ok(!text.includes('EVIL'), JSON.stringify(name));
      }
    });

    it('does not render what the operator owns, however it is spelled', () => {
      const plain = engine.renderConfig(database(engine), sizing);
      for (const { name, instead } of engine.ownedParameters) {
        assert.ok(instead.length > 5, name);
        const real = name.replace('*', 'anything');
        assert.ok(ownedParameter(engine, real), real);
        assert.equal(engine.renderConfig(database(engine, { parameters: { [real]: 'EVIL' } }), sizing), plain, real);
      }
    });

    it('percent-encodes every part of a connection string', () => {
      fc.assert(
        fc.property(fc.string(), fc.string(), fc.string(), (username, password, name) => {
          const text = engine.connectionUri({
            username,
            password,
            host: 'orders-primary.shop.svc',
            port: 1234,
            database: name,
          });
          const url = new URL(text);
          assert.deepEqual([url.hostname, url.port], ['orders-primary.shop.svc', '1234']);
          assert.equal(decodeURIComponent(url.username), username);
          assert.equal(decodeURIComponent(url.password), password);
          assert.match(text, /^[a-z]+:\/\/[A-Za-z0-9%._~-]*:[A-Za-z0-9%._~-]*@[a-z.-]+:1234\/[A-Za-z0-9%._~-]*$/);
        }),
      );
    });

    it('has an end of support that is known to a day for every line older than six years', () => {
      for (const line of catalogue.lines.filter(({ released }) => released < '2020-11'))
        assert.ok(line.endOfLife, line.line);
    });
  });
}

for (const engine of engines) {
  const { runtime } = engine;
  if (runtime === undefined) continue;
  describe(`runtime of ${engine.name}`, () => {
    const parts = runtime.podParts(database(engine));
    const exporter = runtime.exporter(database(engine));
    const scripts = {
      ...runtime.scripts(database(engine)),
      ...(runtime.backup && { 'backup-engine.sh': runtime.backup.script }),
    };

    it('runs as nobody special, in places that do not overlap', () => {
      assert.ok(Number.isInteger(parts.runAsUser) && parts.runAsUser > 0);
      const places = [parts.dataMountPath, ...parts.scratch.map(({ mountPath }) => mountPath)];
      for (const place of places) {
        assert.ok(!places.some((other) => other !== place && place.startsWith(`${other}/`)), place);
      }
      assert.equal(new Set(places).size, places.length);
      assert.ok(exporter.scratch === undefined || parts.scratch.some(({ name }) => name === exporter.scratch));
    });

    it('has three probes that ask, each with its own time', () => {
      for (const probe of [parts.startupProbe, parts.readinessProbe, parts.livenessProbe]) {
        assert.ok(Number(probe['periodSeconds']) > 0 && Number(probe['timeoutSeconds']) > 0);
        assert.ok('exec' in probe);
      }
    });

    it('has no password in an argument or a value of the environment', () => {
      const shown = JSON.stringify([parts.command, exporter.args, parts.env, exporter.env]);
      for (const word of shown.match(/"(?:value)":"[^"]*"/g) ?? []) assert.doesNotMatch(word, /:[^/@"]+@/);
      for (const entry of [...parts.env, ...exporter.env]) {
        if (/PASS(?:WORD)?$/i.test(String(entry['name']))) assert.ok('valueFrom' in entry, String(entry['name']));
      }
    });

    for (const [name, text] of Object.entries(scripts).filter(([file]) => file.endsWith('.sh'))) {
      it(`${name} is a script that a shell reads`, () => {
        const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
        assert.equal(status, 0, stderr);
        assert.doesNotMatch(text, /undefined|\[object /);
      });
    }

    const { backup } = runtime;
    if (backup !== undefined) {
      it('backs up through the pipe, with nothing else than small files beside it', () => {
        const { script } = backup;
        assert.match(script, /<"\$exchange\/data"/);
        for (const [, target = ''] of script.matchAll(/[^0-9&]>>?\s*("?[^\s&;|)]+)/g)) {
          assert.match(target, /^"?(?:\$exchange\/|\$work\/|\$scratch\/|\/dev\/null|\$PGPASSFILE)/, target);
        }
        for (const [, verb = ''] of (/^ {4}([a-z_ |]+)\) perform/m.exec(script)?.[1] ?? '').matchAll(/([a-z_]+)/g)) {
          assert.ok(script.includes(`do_${verb}() {`), verb);
        }
      });
    }

    it('compares positions the same from both sides, and refuses nonsense from both sides', () => {
      const topology = runtime.topology;
      if (topology === undefined) return;
      const turned = { ahead: 'behind', behind: 'ahead', equal: 'equal', diverged: 'diverged' } as const;
      const compare = (a: string, b: string): keyof typeof turned | 'refused' => {
        try {
          return topology.comparePositions(a, b);
        } catch (error) {
          assert.ok(error instanceof Error && error.message.length > 5);
          return 'refused';
        }
      };
      fc.assert(
        fc.property(fc.string(), fc.string(), (a, b) => {
          assert.ok(['equal', 'refused'].includes(compare(a, a)));
          const order = compare(a, b);
          assert.equal(compare(b, a), order === 'refused' ? 'refused' : turned[order]);
        }),
        { numRuns: 50 },
      );
    });
  });
}

describe('catalogues begin where the product says', () => {
  const begins = { postgresql: '10', mysql: '5.7', mariadb: '10.3', mongodb: '4.4', redis: '6.0' };
  for (const [name, line] of Object.entries(begins)) {
    it(`${name} ${line}`, () => assert.equal(engineByName(name)?.catalogue.lines[0]?.line, line));
  }
  it('versions order as numbers', () => {
    const lines = engineByName('mariadb')?.catalogue.lines.map(({ line }) => parseVersion(line)!) ?? [];
    for (const [index, line] of lines.slice(1).entries()) assert.ok(compareVersions(lines[index]!, line) < 0);
  });
});
