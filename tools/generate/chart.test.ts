import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { parse, stringify } from 'yaml';
import { flags } from '../../src/flags.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { chartFiles } from './chart.ts';
import { panels } from './chart-dashboard.ts';
import { valuesMarkdown } from './chart-readme.ts';

const root = new URL('../../', import.meta.url);
const chart = path.resolve(import.meta.dirname, '../../charts/database-operator');
const read = (file: string): string => readFileSync(path.join(chart, file), 'utf8');
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
type Values = Record<string, Record<string, unknown>>;

describe('the chart', () => {
  const schema = JSON.parse(read('values.schema.json')) as object;
  const validate = new Ajv({ strict: false }).compile(schema);
  const values = parse(read('values.yaml')) as Values;
  const judge = (more: object): boolean => validate({ ...values, ...more });

  it('has default values that its own schema allows', () => {
    assert.ok(validate(values), JSON.stringify(validate.errors));
  });

  it('refuses values that are misspelled or impossible', () => {
    const wrong: object[] = [
      { replicas: 2 },
      { image: { ...values['image'], pullPolicy: 'Sometimes' } },
      { webhook: { ...values['webhook'], certmanager: {} } },
      { watchNamespaces: ['a,b'] },
      { watchNamespaces: ['a', 'a'] },
      { service: { type: 'ClusterIP', port: 0, annotations: {} } },
      { logLevel: 'loud' },
    ];
    for (const each of wrong) assert.equal(judge(each), false, JSON.stringify(each));
    assert.ok(judge({ watchNamespaces: ['team-a'], replicaCount: 0 }));
  });

  it('has the values that installers rely on, within the memory that was promised', () => {
    const { limits, requests } = values['resources'] ?? {};
    assert.deepEqual(limits, { cpu: '500m', memory: '128Mi' });
    assert.deepEqual(requests, { cpu: '10m', memory: '64Mi' });
    assert.equal(values['service']?.['port'], 8443);
    assert.deepEqual(values['securityContext']?.['capabilities'], { drop: ['ALL'] });
    assert.equal(values['podSecurityContext']?.['runAsNonRoot'], true);
    assert.equal((values['webhook']?.['certManager'] as Values)['enabled'], true);
  });

  it('passes flags that serve has', () => {
    const used = [...read('templates/deployment.yaml').matchAll(/^ *- --([a-z-]+)/gm)].map(([, name]) => name ?? '');
    assert.ok(used.includes('leader-elect') && used.length > 5);
    for (const name of used)
      assert.ok(
        flags.some((flag) => flag.name === name),
        name,
      );
  });

  it('never renders a caBundle', () => {
    for (const file of readdirSync(path.join(chart, 'templates'))) {
      if (!/\.(yaml|tpl)$/.test(file)) continue;
      assert.ok(!/^ *caBundle:/m.test(read(`templates/${file}`)), file);
    }
  });

  it('keeps every definition when it is uninstalled', () => {
    const files = chartFiles(root, version).filter(([file]) => file.includes('/crds/'));
    assert.equal(files.length, 6);
    for (const [file, text] of files) {
      assert.match(text, /{{- if \.Values\.crds\.install }}/, file);
      assert.match(
        text,
        /metadata:\n {2}name: \S+\n {2}annotations:\n {4}{{- if \.Values\.crds\.keep }}\n {4}helm\.sh\/resource-policy: keep\n/,
      );
      const source = readFileSync(new URL(`crds/${path.basename(file)}`, root), 'utf8');
      assert.ok(text.includes(source.slice(source.indexOf('\nspec:')).trimEnd()), file);
    }
  });

  it('alerts on and shows metrics that exist', async () => {
    const metrics = createMetrics({ version, controllers: ['database'], webhookPaths: ['/mutate'] });
    metrics.showDatabases(() => ({ databases: [], backups: [] }));
    const exposition = await metrics.render();
    const known = new Set([...exposition.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const expressions = [
      ...(parse(read('files/alerts.yaml')) as { groups: { rules: { expr: string }[] }[] }).groups.flatMap(({ rules }) =>
        rules.map(({ expr }) => expr),
      ),
      ...panels.flatMap(({ queries }) => queries.map(([, expression]) => expression)),
    ];
    const names = expressions.flatMap((text) => [...text.matchAll(/([a-z_]+){/g)].map(([, name]) => name ?? ''));
    assert.ok(names.length >= expressions.length);
    for (const name of names) assert.ok(name === 'up' || known.has(name.replace(/_bucket$/, '')), name);
  });

  it('has a README that leaves no value out, and refuses to be made of a schema with a hole', () => {
    const text = valuesMarkdown(JSON.stringify(schema), stringify(values));
    for (const name of ['replicaCount', 'webhook.certManager.issuerRef', 'metrics.serviceMonitor.enabled']) {
      assert.ok(text.includes(`| \`${name}\` |`), name);
    }
    assert.throws(
      () => valuesMarkdown(JSON.stringify({ properties: { a: { type: 'string' } } }), 'a: b'),
      /a has no description/,
    );
  });
});
