import assert from 'node:assert/strict';
import { makeCertificate } from '../../test/support/certificates.ts';
import { objectClient, type ObjectClient } from '../../test/support/object-client.ts';
import { fakeClock, type FakeClock } from '../../test/simulation/fake-clock.ts';
import type { KubernetesObject } from '../api/object.ts';
import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../api/resources.ts';
import { ApiError } from '../kubernetes/errors.ts';
import { silentLogger } from '../observe/logger.ts';
import { bundlePatch, startPublisher, type Publisher } from './ca-bundle.ts';
import { splitBundle } from './selfsigned-state.ts';

const name = 'database-webhook';
const day = 86_400_000;
const beginning = Date.now();

const configuration = (...bundles: readonly (string | undefined)[]): KubernetesObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name },
  webhooks: bundles.map((bundle, index) => ({
    name: `w${index}.example.com`,
    clientConfig: {
      service: { name, namespace: 'x' },
      ...(bundle !== undefined && { caBundle: Buffer.from(bundle).toString('base64') }),
    },
  })),
});

const serials = (object: KubernetesObject | undefined, index = 0): readonly string[] => {
  const webhooks = object?.['webhooks'] as { clientConfig: { caBundle?: string } }[];
  const text = Buffer.from(webhooks[index]?.clientConfig.caBundle ?? '', 'base64').toString();
  return splitBundle(text).map(({ serialNumber }) => serialNumber);
};

describe('caBundle', () => {
  let clock: FakeClock;
  let client: ObjectClient;
  let publisher: Publisher | undefined;
  const cas: string[] = [];
  const serialOf = (ca: string): string => splitBundle(ca)[0]!.serialNumber;
  const start = (keepOthers = false): Publisher =>
    (publisher = startPublisher({ client, clock, random: () => 0, logger: silentLogger, name, keepOthers }));
  const validating = (): KubernetesObject | undefined => client.find(ValidatingWebhookConfiguration, name);

  before(async () => {
    for (let index = 0; index < 6; index++)
      cas.push((await makeCertificate({ now: beginning + index * 1000 })).ca.cert);
  });
  beforeEach(() => {
    clock = fakeClock(beginning);
    client = objectClient();
  });
  afterEach(async () => {
    await publisher?.stop();
    publisher = undefined;
  });

  it('is set in every webhook of both configurations', async () => {
    client.put(ValidatingWebhookConfiguration, configuration(undefined, 'rubbish'));
    client.put(MutatingWebhookConfiguration, { ...configuration(undefined), kind: 'MutatingWebhookConfiguration' });
    await start().publish([cas[0]!]);
    assert.deepEqual(serials(validating(), 0), [serialOf(cas[0]!)]);
    assert.deepEqual(serials(validating(), 1), [serialOf(cas[0]!)]);
    assert.deepEqual(serials(client.find(MutatingWebhookConfiguration, name)), [serialOf(cas[0]!)]);
    assert.equal(client.writes, 2);
  });

  it('is left alone when it is right', async () => {
    client.put(ValidatingWebhookConfiguration, configuration(undefined));
    const { publish } = start();
    await publish([cas[0]!, cas[1]!]);
    await publish([cas[0]!, cas[1]!]);
    await clock.advance(600_000);
    assert.equal(client.writes, 1);
  });

  it('is mended within a second after somebody broke it', async () => {
    client.put(ValidatingWebhookConfiguration, configuration(undefined));
    await start().publish([cas[0]!]);
    client.put(ValidatingWebhookConfiguration, configuration(cas[1]));
    await clock.advance(1_000);
    assert.deepEqual(serials(validating()), [serialOf(cas[0]!)]);
  });

  it('is set when the configuration comes after the operator', async () => {
    await start().publish([cas[0]!]);
    await clock.advance(5_000);
    client.put(ValidatingWebhookConfiguration, configuration(undefined));
    await clock.advance(1_000);
    assert.deepEqual(serials(validating()), [serialOf(cas[0]!)]);
  });

  it('is not fought over without end', async () => {
    client.put(ValidatingWebhookConfiguration, configuration(undefined));
    await start().publish([cas[0]!]);
    for (let second = 0; second < 60; second++) {
      client.put(ValidatingWebhookConfiguration, configuration(cas[1]));
      await clock.advance(1_000);
    }
    assert.ok(client.writes < 15, `${client.writes} writes in a minute`);
  });

  it('is tried again when the API server refuses', async () => {
    client.put(ValidatingWebhookConfiguration, configuration(undefined));
    await start().publish([cas[0]!]);
    client.failNextWrite(new ApiError('busy', { code: 500, reason: 'InternalError' }));
    client.put(ValidatingWebhookConfiguration, configuration(cas[1]));
    await clock.advance(5_000);
    assert.deepEqual(serials(validating()), [serialOf(cas[0]!)]);
  });

  it('belongs to cert-manager where it injects', async () => {
    const object = configuration(cas[1]);
    const annotations = { 'cert-manager.io/inject-ca-from': 'a/b' };
    client.put(ValidatingWebhookConfiguration, { ...object, metadata: { name, annotations } });
    await start().publish([cas[0]!]);
    await clock.advance(60_000);
    assert.equal(client.writes, 0);
  });

  it('keeps valid CAs of other replicas only when they do not share theirs', () => {
    const options = { now: beginning };
    const present = configuration(`${cas[1]!}${cas[2]!}`);
    const value = (keepOthers: boolean): number => {
      const patch = bundlePatch(present, [cas[0]!], { ...options, keepOthers });
      const added = patch.find(({ op }) => op === 'add') as { value: string };
      return splitBundle(Buffer.from(added.value, 'base64').toString()).length;
    };
    assert.equal(value(true), 3);
    assert.equal(value(false), 1);
  });

  it('does not grow without end, and drops what has expired', () => {
    const bundle = (present: readonly string[], now: number): readonly string[] => {
      const patch = bundlePatch(configuration(present.join('')), [cas[0]!], { keepOthers: true, now });
      const added = patch.find(({ op }) => op === 'add') as { value: string };
      return splitBundle(Buffer.from(added.value, 'base64').toString()).map(({ serialNumber }) => serialNumber);
    };
    const kept = bundle(cas.slice(1), beginning);
    assert.equal(kept.length, 4);
    assert.ok(
      kept.includes(serialOf(cas[0]!)) && kept.includes(serialOf(cas[5]!)) && !kept.includes(serialOf(cas[1]!)),
    );
    assert.equal(bundle(cas.slice(1), beginning + 30 * day).length, 1);
  });

  it('agrees on the text whatever the order', () => {
    const patch = bundlePatch(configuration(''), [cas[0]!, cas[1]!], { keepOthers: true, now: beginning });
    const added = patch.find(({ op }) => op === 'add') as { value: string };
    const text = Buffer.from(added.value, 'base64').toString();
    assert.deepEqual(bundlePatch(configuration(text), [cas[1]!, cas[0]!], { keepOthers: true, now: beginning }), []);
  });
});
