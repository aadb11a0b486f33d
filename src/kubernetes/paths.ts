/** Request paths and queries. A name never reaches a path unless it is one segment: `..` or `a/b` would name another object. */
import type { Resource } from '../api/object.ts';

/** Thrown for a name that can't be one path segment; a bug in the caller, never sent. */
export class UnsafeNameError extends Error {
  constructor(what: string, value: string) {
    super(
      `${what} ${JSON.stringify(value)} can't be part of a request path: it is empty, "." or "..", or has "/" or "%"`,
    );
    this.name = 'UnsafeNameError';
  }
}

/** apimachinery's `IsValidPathSegmentName`, then percent-encoded. */
export function segment(what: string, value: string): string {
  if (value === '' || value === '.' || value === '..' || value.includes('/') || value.includes('%')) {
    throw new UnsafeNameError(what, value);
  }
  return encodeURIComponent(value);
}

/** `/api/v1/namespaces/x/pods`; without a namespace the whole cluster's collection. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${segment('namespace', namespace)}` : '';
  return `${root}${scope}/${resource.plural}`;
}

/** `/apis/apps/v1/namespaces/x/statefulsets/y[/status]`. A namespaced resource needs its namespace. */
export function objectPath(
  ref: { readonly resource: Resource; readonly namespace?: string | undefined; readonly name: string },
  subresource?: string,
): string {
  if (ref.resource.namespaced && ref.namespace === undefined) {
    throw new UnsafeNameError(`namespace of ${ref.resource.kind} ${ref.name}`, '');
  }
  const path = `${collectionPath(ref.resource, ref.namespace)}/${segment('name', ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `?a=b&c=d` without the undefined ones; '' when nothing is left. */
export function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
