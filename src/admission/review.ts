/**
 * Bytes to an admission request. Nothing here trusts the sender: whatever arrives becomes a request or a plain 400, never
 * an exception. Depth is bounded because everything behind this point may recurse.
 */
import { isAscii } from 'node:buffer';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { KubernetesObject } from '../api/object.ts';
import type { Operation, UserInfo } from './rule.ts';

export type ReviewVersion = 'admission.k8s.io/v1' | 'admission.k8s.io/v1beta1';

export interface AdmissionRequest {
  readonly reviewVersion: ReviewVersion;
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  /** '' for the object itself. */
  readonly subResource: string;
  /** '' where the request names none (generateName, deletecollection). */
  readonly name: string;
  readonly namespace: string;
  readonly operation: Operation | 'CONNECT';
  readonly userInfo: UserInfo;
  readonly object: KubernetesObject | undefined;
  readonly oldObject: KubernetesObject | undefined;
  readonly dryRun: boolean;
}

export type Decoded =
  | { readonly ok: true; readonly request: AdmissionRequest }
  | { readonly ok: false; readonly status: 400; readonly message: string };

/** Deeper than any object that the API server would store of our kinds, managedFields included. */
const deepest = 256;
const versions: readonly string[] = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'];
const operations: readonly string[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Most reviews are ASCII, for which there is a shorter way. Throws on what is not UTF-8. */
const textOf = (body: Uint8Array): string =>
  isAscii(body) ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1') : utf8.decode(body);

const bad = (message: string): Decoded => ({ ok: false, status: 400, message });

/** The size of `body` is the server's business. */
export function decodeReview(body: Uint8Array): Decoded {
  if (body.length === 0) return bad('the body is empty: an AdmissionReview was expected');
  let review: unknown;
  try {
    review = JSON.parse(textOf(body));
  } catch {
    return bad('the body is not JSON in UTF-8: an AdmissionReview was expected');
  }
  if (tooDeep(body)) return bad(`the body is nested deeper than ${deepest} levels`);
  if (!isObject(review) || review['kind'] !== 'AdmissionReview') return bad('the body is not an AdmissionReview');
  const version = review['apiVersion'];
  if (typeof version !== 'string' || !versions.includes(version)) {
    return bad(`apiVersion of the AdmissionReview must be one of ${versions.join(', ')}`);
  }
  const request = review['request'];
  if (!isObject(request)) return bad('the AdmissionReview has no request');
  return decodeRequest(version as ReviewVersion, request);
}

function decodeRequest(reviewVersion: ReviewVersion, request: JsonObject): Decoded {
  const { uid, operation } = request;
  if (typeof uid !== 'string') return bad('request.uid must be a string');
  if (typeof operation !== 'string' || !operations.includes(operation)) {
    return bad(`request.operation must be one of ${operations.join(', ')}`);
  }
  const object = decodeObject(request['object']);
  if (object === 'bad') return bad('request.object must be an object with metadata');
  const oldObject = decodeObject(request['oldObject']);
  if (oldObject === 'bad') return bad('request.oldObject must be an object with metadata');
  if ((operation === 'CREATE' || operation === 'UPDATE') && object === undefined) {
    return bad(`request.object is missing on ${operation}`);
  }
  const kind = fields(request['kind']);
  const resource = fields(request['resource']);
  return {
    ok: true,
    request: {
      reviewVersion,
      uid,
      kind: { group: text(kind['group']), version: text(kind['version']), kind: text(kind['kind']) },
      resource: {
        group: text(resource['group']),
        version: text(resource['version']),
        resource: text(resource['resource']),
      },
      subResource: text(request['subResource']),
      name: text(request['name']),
      namespace: text(request['namespace']),
      operation: operation as AdmissionRequest['operation'],
      userInfo: decodeUser(request['userInfo']),
      object,
      oldObject,
      dryRun: request['dryRun'] === true,
    },
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const fields = (value: unknown): JsonObject => (isObject(value) ? value : {});

function decodeObject(value: unknown): KubernetesObject | undefined | 'bad' {
  if (value === undefined || value === null) return undefined;
  return isObject(value) && isObject(value['metadata']) ? (value as KubernetesObject) : 'bad';
}

function decodeUser(value: unknown): UserInfo {
  const { username, groups, uid, extra } = fields(value);
  return {
    username: text(username),
    groups: strings(groups),
    ...(typeof uid === 'string' && uid !== '' && { uid }),
    ...(isObject(extra) && {
      extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, strings(values)])),
    }),
  };
}

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

const [quote, backslash] = [0x22, 0x5c];

/** Of bytes that are JSON: brackets are counted, without recursion, which is what makes recursion safe elsewhere. */
function tooDeep(json: Uint8Array): boolean {
  let open = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      open += 1;
      if (open > deepest) return true;
    } else if (byte === 0x7d || byte === 0x5d) open -= 1;
  }
  return false;
}
