/** Database versions as the products number them: one to three whole numbers, no suffixes. */
import { remembered } from './remembered.ts';

export interface Version {
  /** One to three numbers: `16.3` → [16, 3]. */
  readonly components: readonly number[];
}

/** At most nine digits each, so that numbers stay exact. */
const form = /^[0-9]{1,9}(\.[0-9]{1,9}){0,2}$/;

/** Undefined unless it is one to three whole numbers joined by dots. */
export const parseVersion = (text: string): Version | undefined => parsed(text).version;

const parsed = remembered((text): { readonly version?: Version } =>
  form.test(text) ? { version: { components: text.split('.').map(Number) } } : {},
);

/** Component by component; a missing one is below any that is there: 14 < 14.0 < 14.2 < 15. */
export function compareVersions(a: Version, b: Version): number {
  const length = Math.max(a.components.length, b.components.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a.components[index] ?? -1) - (b.components[index] ?? -1);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** Plain decimal, leading zeros gone: `016.03` → `16.3`. */
export const formatVersion = (version: Version): string => version.components.join('.');
