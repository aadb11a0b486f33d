/**
 * `<name>-topology`: the recorded decision that pods read when they start. It exists for a lone database too, and pods
 * do not start without it: its absence could otherwise be taken for "nobody else is primary".
 */
import type { KubernetesObject } from '../api/object.ts';
import { ConfigMap } from '../api/resources.ts';
import { child, type Input } from './context.ts';
import { podName, topologyName } from './names.ts';

export function topology(input: Input): KubernetesObject {
  const { database, context } = input;
  const { name } = database.metadata;
  const members = Array.from({ length: database.spec.replicas ?? 1 }, (_, ordinal) => podName(name, ordinal));
  const data = {
    primary: context.primary ?? podName(name, 0),
    term: String(context.term ?? 1),
    members: members.join(' '),
    initialized: String(context.initialized ?? false),
    reseed: members
      .flatMap((pod) => (context.reseed?.[pod] === undefined ? [] : [`${pod}=${context.reseed[pod]}`]))
      .join(' '),
    // Pods do not read it: it tells the operator how old the list may be that they have mounted.
    ...(members.length > 1 && context.peersSince !== undefined && { peersSince: context.peersSince }),
  };
  return child(input, ConfigMap, topologyName(name), { data });
}
