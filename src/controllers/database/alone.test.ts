import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../api/object.ts';
import * as resources from '../../api/resources.ts';
import type { Database } from '../../api/types.generated.ts';
import { nothingStuck } from '../../status/stuck.ts';
import { mayBeginAlone, peersSinceIn } from './alone.ts';
import type { TopologyData } from './alone.ts';
import type { Observation } from './observation.ts';

const NOW = new Date('2026-01-05T12:00:00Z');
const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString();
const named = (kind: string, name: string, rest: Readonly<Record<string, unknown>> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...rest,
});

function observe(list: TopologyData | 'absent', hasSet = true): Observation {
  const map = list === 'absent' ? [] : [named('ConfigMap', 'orders-topology', { data: list })];
  return {
    stored: named('Database', 'orders') as Database,
    children: [
      ...map.map((object) => ({ resource: resources.ConfigMap, object })),
      ...(hasSet ? [{ resource: resources.StatefulSet, object: named('StatefulSet', 'orders') }] : []),
    ],
    pods: [],
    claims: [],
    jobs: [],
    backupPods: [],
    recovery: undefined,
    reports: new Map(),
    volumes: new Map(),
    namespaceEnding: false,
    serviceMonitors: true,
    prometheusRules: true,
    stuck: nothingStuck,
  };
}

const both = 'orders-0 orders-1';
const rows: readonly (readonly [string, Observation, number, string | undefined, boolean])[] = [
  ['a list that was made with peers', observe({ members: both }), 9, undefined, false],
  ['no list yet, and no servers', observe('absent', false), 9, undefined, false],
  ['a list that somebody deleted', observe('absent'), 900, ago(0), true],
  ['a lone member that is about to get peers', observe({ members: 'orders-0' }), 900, ago(0), true],
  ['… though it was made a second ago', observe({ members: 'orders-0' }), 1, ago(0), true],
  ['one that got them a moment after it was made', observe({ members: both, peersSince: ago(8) }), 9, ago(8), true],
  ['one that has had time to hear of them', observe({ members: both, peersSince: ago(150) }), 900, ago(150), false],
  ['… and one that has not', observe({ members: both, peersSince: ago(149) }), 900, ago(149), true],
  ['one that was made just after the list', observe({ members: both, peersSince: ago(40) }), 11, ago(40), true],
  ['… and long enough after it', observe({ members: both, peersSince: ago(40) }), 10, ago(40), false],
];

describe('a pod that may begin alone', () => {
  for (const [title, observation, age, since, expected] of rows) {
    it(title, () => {
      const pod = { ...named('Pod', 'orders-0'), metadata: { name: 'orders-0', creationTimestamp: ago(age) } };
      assert.equal(peersSinceIn(observation, NOW), since);
      assert.equal(mayBeginAlone(pod, observation, NOW), expected);
    });
  }
});
