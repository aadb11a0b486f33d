/**
 * Ten thousand Databases in minutes: the first of a run, which the operator made true, is copied in etcd with everything
 * that it became, under new names, uids, addresses and passwords, as if each had been made the same way.
 */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../src/api/object.ts';
import type { Etcd, Stored } from './etcd.ts';
import { placeOf } from './run.ts';

/** Puts right what of a copy depends on its name: intents, hashes, passwords. */
export type TrueUp = (objects: readonly KubernetesObject[]) => void;

const AT_A_TIME = 8;

export interface Seed extends Stored {
  readonly uids: readonly string[];
}

/** All that belongs to the Database of this number, as it is stored. */
export async function readSeed(etcd: Etcd, index: number): Promise<readonly Seed[]> {
  const { namespace, name } = placeOf(index);
  const isOurs = new RegExp(`/${namespace}/(data-)?${name}(-|$)`);
  const keys = (await etcd.keys()).filter((key) => isOurs.test(key) && !key.includes('/events/'));
  return Promise.all(
    keys.map(async (key) => {
      const value = await etcd.get(key);
      if (!value.startsWith('{')) throw new Error(`${key} is not stored as JSON`);
      return { key, value, uids: [...new Set(value.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [])] };
    }),
  );
}

const address = (): string => `10.0.${randomInt(256)}.${randomInt(1, 255)}`;

/** What `seed` would be under another number. */
export function copyOf(seed: readonly Seed[], from: number, to: number, trueUp: TrueUp): readonly Stored[] {
  const [old, next] = [placeOf(from), placeOf(to)];
  const uids = new Map([...new Set(seed.flatMap((one) => one.uids))].map((uid) => [uid, randomUUID()]));
  // A database in the server is called after its object, with what SQL allows in names.
  const inSql = (name: string): string => name.replaceAll('-', '_');
  const renamed = (text: string): string =>
    text
      .replaceAll(old.namespace, next.namespace)
      .replaceAll(old.name, next.name)
      .replaceAll(inSql(old.name), inSql(next.name));
  const copies = seed.map(({ key, value, uids: own }) => {
    const text = own.reduce((sum, uid) => sum.replaceAll(uid, uids.get(uid) ?? uid), renamed(value));
    return {
      key: renamed(key),
      object: JSON.parse(text.replaceAll(/"10\.0\.\d+\.\d+"/g, sameAddress())) as KubernetesObject,
    };
  });
  trueUp(copies.map(({ object }) => object));
  return copies.map(({ key, object }) => ({ key, value: JSON.stringify(object) }));
}

/** A Service has its address twice. */
function sameAddress(): () => string {
  const mine = JSON.stringify(address());
  return () => mine;
}

/** Keys of what `trueUp` changes; nothing, when it knows how objects are made. */
export function changedBy(seed: readonly Seed[], trueUp: TrueUp): readonly string[] {
  const read = (): readonly KubernetesObject[] => seed.map(({ value }) => JSON.parse(value) as KubernetesObject);
  const [before, after] = [read(), read()];
  trueUp(after);
  return seed.filter((_, index) => !isDeepStrictEqual(before[index], after[index])).map(({ key }) => key);
}

export async function copyAll(
  etcd: Etcd,
  seed: readonly Seed[],
  numbers: { readonly from: number; readonly first: number; readonly end: number },
  trueUp: TrueUp,
): Promise<void> {
  let next = numbers.first;
  const writer = async (): Promise<void> => {
    while (next < numbers.end) await etcd.put(copyOf(seed, numbers.from, next++, trueUp));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, writer));
}

export const randomBytesOf = (count: number): Uint8Array => randomBytes(count);
