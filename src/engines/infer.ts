/** Which engine and version a Database means when it does not say so. */
import { parseImage } from '../values/image.ts';
import { findVersion } from './catalogue.ts';
import type { Engine, EngineName } from './engine.ts';

export interface ImageGuess {
  readonly engine: Engine;
  /** From the tag, cut to what the catalogue numbers; undefined for `latest`, a digest or an unreadable tag. */
  readonly version: string | undefined;
}

export interface EngineGuess {
  readonly engine: EngineName;
  readonly from: 'image' | 'version';
  /** Further engines that have this version, in order; empty when the image told. */
  readonly others: readonly EngineName[];
}

/** `docker.io/library/postgres`: how a short name reads in full. */
function fullName(text: string): string | undefined {
  const image = parseImage(text);
  if (image === undefined) return undefined;
  const official = image.registry === 'docker.io' && !image.repository.includes('/');
  return `${image.registry}/${official ? 'library/' : ''}${image.repository}`;
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * The engine of an image: by its full repository, else by the repository's last part, so that a mirror's
 * `registry.example.com/mirror/postgres:16` is found as well. Undefined when no engine claims it.
 */
export function inferFromImage(engines: readonly Engine[], image: string): ImageGuess | undefined {
  const full = fullName(image);
  if (full === undefined) return undefined;
  const known = (same: (name: string) => boolean): Engine | undefined =>
    engines.find((engine) => engine.imageRepositories.some((repository) => same(repository)));
  const engine =
    known((repository) => fullName(repository) === full) ??
    known((repository) => lastPart(repository) === lastPart(full));
  if (engine === undefined) return undefined;
  return { engine, version: versionOfTag(engine, parseImage(image)?.tag) };
}

/** `16.3-alpine` → 16.3, `v8.0.36` → 8.0.36, `16.3.0-debian-12-r1` → 16.3, `latest` → undefined. */
function versionOfTag(engine: Engine, tag: string | undefined): string | undefined {
  const written = /^v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})(?=$|[-_+.])/.exec(tag ?? '')?.[1];
  return written
    ?.split('.')
    .slice(0, engine.catalogue.lineComponents + 1)
    .join('.');
}

/** All engines whose catalogue has the version, in order of preference. */
export const enginesWithVersion = (engines: readonly Engine[], version: string): readonly Engine[] =>
  engines.filter((engine) => findVersion(engine.catalogue, version).exists);

/** By image if there is one that is known, else the first engine that has the version. */
export function inferEngine(
  engines: readonly Engine[],
  spec: { readonly image?: string | undefined; readonly version?: string | undefined },
): EngineGuess | undefined {
  const byImage = spec.image === undefined ? undefined : inferFromImage(engines, spec.image);
  if (byImage !== undefined) return { engine: byImage.engine.name, from: 'image', others: [] };
  if (spec.version === undefined) return undefined;
  const [first, ...others] = enginesWithVersion(engines, spec.version);
  if (first === undefined) return undefined;
  return { engine: first.name, from: 'version', others: others.map((engine) => engine.name) };
}
