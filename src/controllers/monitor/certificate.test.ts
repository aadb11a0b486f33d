import assert from 'node:assert/strict';
import { makeCertificate } from '../../../test/support/certificates.ts';
import { fakeClock } from '../../../test/simulation/fake-clock.ts';
import type { KubernetesObject } from '../../api/object.ts';
import type { Database } from '../../api/types.generated.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { createCertificateEnds, endOf } from './certificate.ts';

const database = (spec: object): Database => ({
  apiVersion: 'example.com/v1',
  kind: 'Database',
  metadata: { name: 'orders', namespace: 'shop' },
  spec,
});
const { signal } = new AbortController();

describe('the end of a certificate', () => {
  let encoded: string;
  let end: number;
  before(async () => {
    const { leaf } = await makeCertificate({ leafDays: 5 });
    encoded = Buffer.from(leaf.cert).toString('base64');
    end = Date.now() / 1000 + 5 * 86_400;
  });

  it('is read from the first of a chain', () => {
    const read = endOf(encoded);
    assert.ok(read !== undefined && Math.abs(read - end) < 600, String(read));
  });

  for (const [what, text] of [
    ['nothing', undefined],
    ['garbage', Buffer.from('no certificate').toString('base64')],
    ['an empty file', ''],
  ] as const) {
    it(`is not known of ${what}`, () => assert.equal(endOf(text), undefined));
  }

  it('is asked for once an hour, and not at all without a certificate', async () => {
    const clock = fakeClock();
    let asked = 0;
    const client = {
      get: () => {
        asked++;
        return Promise.resolve({ data: { 'tls.crt': encoded } } as unknown as KubernetesObject);
      },
    } as unknown as KubernetesClient;
    const ends = createCertificateEnds({ client, clock });
    assert.equal(await ends(database({}), signal), undefined);
    const tls = database({ tls: { certificateSecret: 'orders-tls' } });
    assert.equal(await ends(tls, signal), await ends(tls, signal));
    assert.equal(asked, 1);
    await clock.advance(3_600_000);
    await ends(tls, signal);
    assert.equal(asked, 2);
  });
});
