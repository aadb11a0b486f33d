/**
 * Manifests from files, directories and standard input, read as kubectl reads them: YAML with YAML 1.1's words for true
 * and false, several documents to a file, lists taken apart. One that can't be read ends the command with file, line and
 * column: what is not read can't be called checked.
 */
import { isAlias, LineCounter, parseAllDocuments, visit, type Document, type ScalarTag } from 'yaml';
import type { CommandIo } from './io.ts';
import { locator, type Locate } from './locate.ts';

export interface Manifest {
  /** File, or `<stdin>`. */
  readonly source: string;
  readonly object: Readonly<Record<string, unknown>>;
  /** Where a field of it stands in the source. */
  readonly locate: Locate;
}

export type Manifests =
  { readonly ok: true; readonly manifests: readonly Manifest[] } | { readonly ok: false; readonly error: string };

const manifestName = /\.(?:ya?ml|json)$/;

/** Reads all of `paths` in the order given; `-` is standard input, a directory means the manifests right in it. */
export async function readManifests(paths: readonly string[], io: CommandIo): Promise<Manifests> {
  const manifests: Manifest[] = [];
  for (const path of paths) {
    const sources = await readPath(path, io);
    if (!sources.ok) return sources;
    for (const { source, text } of sources.texts) {
      const parsed = parseManifests(source, text);
      if (!parsed.ok) return parsed;
      manifests.push(...parsed.manifests);
    }
  }
  return { ok: true, manifests };
}

type Texts =
  | { readonly ok: true; readonly texts: readonly { readonly source: string; readonly text: string }[] }
  | { readonly ok: false; readonly error: string };

async function readPath(path: string, io: CommandIo): Promise<Texts> {
  try {
    if (path === '-') return { ok: true, texts: [{ source: '<stdin>', text: await io.readStdin() }] };
    const names = await io.listDirectory(path);
    if (names === undefined) return { ok: true, texts: [{ source: path, text: await io.readFile(path) }] };
    const files = names.filter((name) => manifestName.test(name)).sort();
    if (files.length === 0) return { ok: false, error: `${path}: no .yaml, .yml or .json file in this directory` };
    const folder = path.endsWith('/') ? path : `${path}/`;
    const read = files.map(async (name) => ({ source: folder + name, text: await io.readFile(folder + name) }));
    return { ok: true, texts: await Promise.all(read) };
  } catch (error) {
    return { ok: false, error: `${path}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The words that Kubernetes' YAML reader takes for true and false besides those of YAML 1.2. */
const words = (value: boolean, test: RegExp): ScalarTag => ({
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test,
  resolve: () => value,
});
const customTags = [words(true, /^(?:y|Y|yes|Yes|YES|on|On|ON)$/), words(false, /^(?:n|N|no|No|NO|off|Off|OFF)$/)];

/** Every object of one text. */
export function parseManifests(source: string, text: string): Manifests {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    customTags: (tags) => [...customTags, ...tags],
  });
  const manifests: Manifest[] = [];
  for (const document of documents) {
    const error = document.errors[0];
    if (error !== undefined) return { ok: false, error: `${position(source, lines, error.pos[0])}: ${error.message}` };
    const value = toValue(document);
    if (!value.ok) return { ok: false, error: `${position(source, lines, document.range[0])}: ${value.error}` };
    if (value.value === null || value.value === undefined) continue;
    const objects = objectsOf(value.value);
    if (objects === undefined) {
      return { ok: false, error: `${position(source, lines, document.range[0])}: not a Kubernetes object` };
    }
    manifests.push(...objects.map(({ object, path }) => ({ source, object, locate: locator(document, lines, path) })));
  }
  return { ok: true, manifests };
}

function position(source: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${source}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

type Value = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/** Numbers of maps' keys become text, as they would on the way to JSON; aliases are resolved, within bounds. */
function toValue(document: Document): Value {
  try {
    let aliases = 0;
    visit(document, (_, node) => {
      if (isAlias(node)) aliases += 1;
    });
    if (aliases > 1000) return { ok: false, error: 'more than 1000 aliases' };
    return { ok: true, value: document.toJS({ maxAliasCount: 1000 }) as unknown };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

interface Found {
  readonly object: Readonly<Record<string, unknown>>;
  /** From the document to the object. */
  readonly path: readonly (string | number)[];
}

/** The object, or those of a list; undefined when it is neither. */
function objectsOf(value: unknown, path: Found['path'] = []): Found[] | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, items } = value;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ object: value, path }];
  const objects = items.map((item, index) => objectsOf(item, [...path, 'items', index]));
  return objects.every((found) => found !== undefined) ? objects.flat() : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
