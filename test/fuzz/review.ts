/** From a seed to the bytes of one review, good or bad. */
import type { Facts } from '../../src/admission/facts.ts';
import type { KubernetesObject } from '../../src/api/object.ts';
import { ownKinds } from '../../src/api/resources.ts';
import type { Corpus, Origin } from './corpus.ts';
import { mutate } from './mutate.ts';
import { randomOf, type Random } from './random.ts';
import { leaf, render } from './values.ts';

export interface Case {
  readonly body: Uint8Array;
  readonly facts: Facts;
}

/** Largest body that is made, bytes; the time limit holds for it. */
const largest = 1024 * 1024;

type Tree = Record<string, unknown>;

const copy = (value: unknown): Tree => JSON.parse(JSON.stringify(value)) as Tree;

export function caseOf(seed: number, { origins, names }: Corpus): Case {
  const random = randomOf(seed);
  const origin = random.pick(origins);
  const mutated = (value: unknown, most: number): Tree => {
    const tree = copy(value);
    for (let left = random.below(most + 1); left > 0; left--) {
      mutate(tree, { random, donor: copy(random.pick(origins).object), names });
    }
    return tree;
  };
  const review = copy(reviewOf(origin, random));
  const request = review['request'] as Tree;
  for (const part of ['object', 'oldObject']) {
    if (request[part] !== null) request[part] = mutated(request[part], 4);
  }
  if (random.chance(6)) mutate(review, { random, donor: copy(origin.object), names });
  const bytes = Buffer.from(render(review));
  return {
    body: bytes.length > largest ? bytes.subarray(0, largest) : damaged(bytes, random),
    facts: random.chance(80) ? origin.facts : random.pick(origins).facts,
  };
}

/** CREATE, UPDATE of something else or of itself, DELETE, a scale, and what does not go together. */
function reviewOf({ object, oldObject }: Origin, random: Random): unknown {
  const before = oldObject ?? (random.chance(40) ? object : null);
  const known = ownKinds.find(({ kind }) => kind === object.kind);
  const resource = random.chance(97) ? known : random.pick(ownKinds);
  const { metadata } = object;
  return {
    apiVersion: random.chance(90) ? 'admission.k8s.io/v1' : 'admission.k8s.io/v1beta1',
    kind: 'AdmissionReview',
    request: {
      uid: `uid-${random.below(1000)}`,
      kind: { group: 'example.com', version: 'v1', kind: object.kind },
      resource: { group: 'example.com', version: 'v1', resource: resource?.plural ?? 'databases' },
      name: random.chance(90) ? metadata.name : '',
      namespace: metadata.namespace ?? 'shop',
      userInfo: { username: 'jane', groups: ['system:authenticated'] },
      dryRun: random.chance(10),
      ...contentOf(object, before, random),
      ...(random.chance(3) && { operation: random.pick(['CREATE', 'UPDATE', 'DELETE', 'CONNECT', 'PATCH']) }),
    },
  };
}

function contentOf(object: KubernetesObject, before: KubernetesObject | null, random: Random): object {
  if (random.chance(8)) return { operation: 'DELETE', object: null, oldObject: object };
  const operation = before === null ? 'CREATE' : 'UPDATE';
  if (random.chance(96)) return { operation, object, oldObject: before };
  const scale = { metadata: object.metadata, spec: { replicas: leaf(random) } };
  return { operation, subResource: 'scale', object: scale, oldObject: before };
}

/** One in twenty arrives broken: other bytes, an end too soon, something in front of it. */
function damaged(bytes: Buffer, random: Random): Uint8Array {
  if (!random.chance(5)) return bytes;
  const at = random.below(bytes.length);
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    case 2:
      return Buffer.concat([bytes, bytes.subarray(0, at)]);
    case 3:
      return Buffer.from('['.repeat(random.below(100_000)));
    default: {
      const broken = Buffer.from(bytes);
      broken[at] = random.pick([0x00, 0x22, 0x7b, 0x5d, 0x80, 0xc0, 0xed, 0xf5, 0xff]);
      return broken;
    }
  }
}
