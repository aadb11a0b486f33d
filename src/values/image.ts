/** Image references as container runtimes read them: `[host[:port]/]path[:tag][@digest]`. */

export interface ImageReference {
  /** `docker.io` when none is written. */
  readonly registry: string;
  /** Without the registry, as written: `postgres`, `bitnami/postgresql`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

const defaultRegistry = 'docker.io';
const longest = 255;
const hostForm = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?$/;
const componentForm = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestForm = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** Undefined when a container runtime would not take it. */
export function parseImage(text: string): ImageReference | undefined {
  if (text.length > 2 * longest) return undefined;
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !digestForm.test(digest))) return undefined;
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !tagForm.test(tag)) return undefined;
  const place = splitRegistry(colon < 0 ? named : named.slice(0, colon));
  if (place === undefined) return undefined;
  return { ...place, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The first part is a registry only if it looks like a host: a dot, a port, `localhost` or a capital letter. */
function splitRegistry(path: string): { registry: string; repository: string } | undefined {
  const [first = '', ...rest] = path.split('/');
  const isHost = rest.length > 0 && (/[.:A-Z]/.test(first) || first === 'localhost');
  if (isHost && !hostForm.test(first)) return undefined;
  const components = isHost ? rest : [first, ...rest];
  if (!components.every((component) => componentForm.test(component))) return undefined;
  const repository = components.join('/');
  return repository.length > longest ? undefined : { registry: isHost ? first : defaultRegistry, repository };
}
