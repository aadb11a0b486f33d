/**
 * One thing, several spellings: `engine` and `type`, `storage.size` and `size`, `version` and the image's tag. On UPDATE the
 * spelling that changed against the stored object wins and the others follow it, so that whoever keeps writing his own
 * spelling is never refused for a value that admission itself once filled in. Two that changed and disagree are left as
 * they are: rules refuse them.
 */
import { engineByName, engines } from '../engines/index.ts';
import { inferEngine, inferFromImage } from '../engines/infer.ts';
import { parseImage } from '../values/image.ts';
import { compareQuantities } from '../values/quantity-use.ts';
import { parseQuantity } from '../values/quantity.ts';
import { parseVersion } from '../values/version.ts';
import type { Draft } from './defaults.ts';
import { getIn, sameJson } from './json.ts';
import type { JsonObject } from './json.ts';

const spec = (object: JsonObject | undefined, ...path: readonly string[]): unknown => getIn(object, ['spec', ...path]);

function text(object: JsonObject | undefined, ...path: readonly string[]): string | undefined {
  const value = spec(object, ...path);
  return typeof value === 'string' ? value : undefined;
}

/** An engine that is not known is not spread further: its rule names the field where it was written. */
export function engineValue({ object, oldObject }: Draft): string | undefined {
  const type = spec(object, 'type');
  if (type !== undefined) return typeof type === 'string' && engineByName(type) !== undefined ? type : undefined;
  const stored = text(oldObject, 'engine') ?? text(oldObject, 'type');
  if (stored !== undefined) return stored;
  const version = text(object, 'version') ?? text(oldObject, 'version');
  return inferEngine(engines, { image: text(object, 'image'), version })?.engine;
}

const versionOfImage = (image: string): string | undefined => inferFromImage(engines, image)?.version;

export function versionValue({ object, oldObject }: Draft): string | undefined {
  const version = spec(object, 'version');
  const image = text(object, 'image');
  const derived = image === undefined ? undefined : versionOfImage(image);
  const imageChanged = image !== text(oldObject, 'image');
  if (version === undefined)
    return imageChanged && derived !== undefined ? derived : (text(oldObject, 'version') ?? derived);
  if (oldObject === undefined || typeof version !== 'string') return undefined;
  const follows = imageChanged && version === text(oldObject, 'version');
  return follows && derived !== undefined && !versionsAgree(derived, version) ? derived : undefined;
}

/** The image with the new version in its tag, where the tag begins with the old one: `postgres:14-alpine` → `postgres:15-alpine`. */
export function followedImage({ object, oldObject }: Draft): string | undefined {
  const image = text(object, 'image');
  const version = text(object, 'version');
  if (oldObject === undefined || image === undefined || version === undefined) return undefined;
  if (image !== text(oldObject, 'image') || version === text(oldObject, 'version')) return undefined;
  const derived = versionOfImage(image);
  if (derived === undefined || versionsAgree(derived, version) || parseVersion(version) === undefined) return undefined;
  const reference = parseImage(image);
  if (reference?.tag === undefined || reference.digest !== undefined) return undefined;
  if (!reference.tag.startsWith(derived)) return undefined;
  return image.slice(0, image.length - reference.tag.length) + version + reference.tag.slice(derived.length);
}

export function sizeValue({ object, oldObject }: Draft): unknown {
  const size = spec(object, 'size');
  const storage = spec(object, 'storage', 'size');
  const storedSize = spec(oldObject, 'size');
  const stored = spec(oldObject, 'storage', 'size') ?? storedSize;
  const sizeChanged = size !== undefined && !sameJson(size, storedSize);
  if (storage === undefined) return copyable(sizeChanged ? size : (stored ?? size));
  if (oldObject === undefined || !sizeChanged || sizesAgree(size, storage)) return undefined;
  return sameJson(storage, spec(oldObject, 'storage', 'size')) ? copyable(size) : undefined;
}

export function followedSize({ object, oldObject }: Draft): unknown {
  const size = spec(object, 'size');
  const storage = spec(object, 'storage', 'size');
  if (oldObject === undefined || size === undefined || storage === undefined || sizesAgree(size, storage))
    return undefined;
  const storageChanged = !sameJson(storage, spec(oldObject, 'storage', 'size'));
  return storageChanged && sameJson(size, spec(oldObject, 'size')) ? copyable(storage) : undefined;
}

/** An integer beyond 2^53 has lost digits on its way here: writing it down again would change what was meant. */
export const copyable = (value: unknown): unknown =>
  typeof value === 'string' || Number.isSafeInteger(value) ? value : undefined;

/** `14` and `14.2` agree, `14.1` and `14.2` do not. Text that is no version agrees only with itself. */
export function versionsAgree(left: string, right: string): boolean {
  const a = parseVersion(left)?.components;
  const b = parseVersion(right)?.components;
  if (a === undefined || b === undefined) return left === right;
  return a.every((part, index) => index >= b.length || part === b[index]);
}

/** `10Gi` and `10240Mi` agree. */
export function sizesAgree(left: unknown, right: unknown): boolean {
  if (sameJson(left, right)) return true;
  const a = quantityOf(left);
  const b = quantityOf(right);
  return a !== undefined && b !== undefined && compareQuantities(a, b) === 0;
}

function quantityOf(value: unknown): Parameters<typeof compareQuantities>[0] | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const parsed = parseQuantity(value);
  return parsed.ok ? parsed.quantity : undefined;
}
