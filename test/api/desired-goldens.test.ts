/** The goldens of src/desired through a real API server: every object is valid, and no pod falls short of the restricted standard. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { expectKubectl, kubectl, repository, uniqueNamespace } from './harness.ts';

const folder = path.join(repository, 'src/desired/golden');
const goldens = readdirSync(folder).filter((file) => file.endsWith('.yaml') && !file.endsWith('.in.yaml'));

interface Golden {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

describe('goldens of the desired objects', function () {
  this.timeout(60_000);
  let namespace: string;

  before(async () => {
    namespace = await uniqueNamespace('goldens');
    const level = 'restricted';
    await expectKubectl(['label', 'namespace', namespace, `pod-security.kubernetes.io/warn=${level}`]);
  });

  for (const file of goldens) {
    it(`${file} is taken as it is`, async () => {
      const documents = parseAllDocuments(readFileSync(path.join(folder, file), 'utf8'));
      const objects = documents
        .map((document) => document.toJS() as Golden)
        // There are no such kinds without Prometheus' CRDs; scripts stand in one golden only.
        .filter(({ apiVersion, data }) => apiVersion !== 'monitoring.coreos.com/v1' && typeof data !== 'string')
        .map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
      // A DatabaseMonitor becomes three objects beside those.
      assert.ok(objects.length > (file === 'databasemonitor.yaml' ? 2 : 8), 'the golden is nearly empty');
      const yaml = objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
      const { code, stderr } = await kubectl(
        ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'],
        yaml,
      );
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '', 'the API server has warned');
    });
  }
});
