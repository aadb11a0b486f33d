/** Requests as the API server makes them, for tests of this room and of those above it. */
import type { KubernetesObject } from '../api/object.ts';
import { ownKinds } from '../api/resources.ts';
import type { AdmissionRequest } from './review.ts';

/** CREATE, or UPDATE when there is an old object; fields of `request` stand over what follows from the object. */
export function requestFor(
  object: KubernetesObject,
  oldObject?: KubernetesObject,
  request: Partial<AdmissionRequest> = {},
): AdmissionRequest {
  const resource = ownKinds.find(({ kind }) => kind === object.kind);
  return {
    reviewVersion: 'admission.k8s.io/v1',
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind: { group: 'example.com', version: 'v1', kind: object.kind },
    resource: { group: 'example.com', version: 'v1', resource: resource?.plural ?? '' },
    subResource: '',
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? '',
    operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
    userInfo: { username: 'jane', groups: ['system:authenticated'] },
    object,
    oldObject,
    dryRun: false,
    ...request,
  };
}

/** DELETE: the object that goes is the old one. */
export const deletionOf = (object: KubernetesObject, request: Partial<AdmissionRequest> = {}): AdmissionRequest =>
  requestFor(object, undefined, { operation: 'DELETE', object: undefined, oldObject: object, ...request });

/** The review on the wire. */
export function bytesOf(request: AdmissionRequest): Uint8Array {
  const { reviewVersion, subResource, ...rest } = request;
  const review = {
    apiVersion: reviewVersion,
    kind: 'AdmissionReview',
    request: {
      ...rest,
      object: rest.object ?? null,
      oldObject: rest.oldObject ?? null,
      ...(subResource !== '' && { subResource }),
    },
  };
  return new TextEncoder().encode(JSON.stringify(review));
}
