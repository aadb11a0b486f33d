/**
 * An engine that nobody ships: the least that one has to say. It goes through the contract of all engines, which proves that a
 * new one is its own folder and a line in a list.
 */
import type { Database } from '../../src/api/types.generated.ts';
import type { Engine, EngineName, IdentifierRules, TopologyDriver } from '../../src/engines/engine.ts';
import { scriptsDirectory } from '../../src/engines/mounts.ts';
import { connectionUri } from '../../src/engines/uri.ts';

const names: IdentifierRules = {
  maxLength: 32,
  pattern: /^[a-z][a-z0-9_]*$/,
  patternInWords: 'lower-case letters, digits and _, beginning with a letter',
  reserved: ['system'],
  reservedPrefixes: ['sample_'],
};

const owned = [{ name: 'port', instead: 'the port is fixed' }];

/** Values are put between brackets, without what would end them. */
function renderConfig({ spec }: Database, { memoryBytes, volumeBytes }: Parameters<Engine['renderConfig']>[1]): string {
  const settings = new Map([
    ['cache', String(Math.floor((memoryBytes ?? 0) / 4))],
    ['journal', String(Math.floor(volumeBytes / 16))],
    ['connections', String(spec.config?.maxConnections ?? 100)],
  ]);
  for (const [name, value] of Object.entries(spec.config?.parameters ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (/^[a-z_]+$/.test(name) && name !== 'port') settings.set(name, String(value).replace(/[\r\n\]]/g, ' '));
  }
  return [...settings].map(([name, value]) => `${name} [${value}]\n`).join('');
}

const exec = (word: string): Readonly<Record<string, unknown>> => ({
  exec: { command: ['sample', word] },
  periodSeconds: 5,
  timeoutSeconds: 5,
});

/** Positions are numbers in one history. */
const topology: TopologyDriver = {
  demotes: true,
  comparePositions(a, b) {
    const [left, right] = [a, b].map(Number);
    if (left === undefined || right === undefined || !Number.isFinite(left) || !Number.isFinite(right))
      throw new Error(`no position of a sample: ${a}, ${b}`);
    return left === right ? 'equal' : left > right ? 'ahead' : 'behind';
  },
  connect: ({ pod }) => ({
    view: () => Promise.reject(new Error(`${pod} is a sample`)),
    promote: () => Promise.resolve(),
    follow: () => Promise.resolve(),
    volume: () => Promise.resolve(undefined),
    close: () => undefined,
  }),
};

export const sample: Engine = {
  // The names that users may write are those of the schema.
  name: 'sample' as EngineName,
  title: 'Sample',
  port: 4711,
  catalogue: {
    lines: [{ line: '1', released: '2024-01-01', firstPatch: 0, newestPatch: 3 }],
    lineComponents: 1,
    source: 'made up',
  },
  imageRepositories: ['sampledb'],
  image: (version) => `sampledb:${version}`,
  databaseIdentifier: names,
  userIdentifier: names,
  ownedParameters: owned,
  configFileName: 'sample.conf',
  renderConfig,
  parameterChange: () => ({ needs: 'restart' }),
  connectionUri: (parts) => connectionUri('sample', parts),
  runtime: {
    podParts: () => ({
      image: 'sampledb:1',
      containerName: 'sample',
      command: ['sh', `${scriptsDirectory}/boot.sh`],
      env: [],
      dataMountPath: '/data',
      scratch: [{ name: 'state', mountPath: '/run/sample', memory: true }],
      startupProbe: exec('live'),
      readinessProbe: exec('ready'),
      livenessProbe: exec('live'),
      runAsUser: 999,
      terminationGracePeriodSeconds: 30,
    }),
    flush: ['--flush'],
    scripts: () => ({ 'boot.sh': '#!/bin/sh\nexec sampled\n' }),
    exporter: () => ({ image: 'sample-exporter:1', port: 9999, env: [], args: [] }),
    queries: {
      up: (s) => `sample_up{${s}}`,
      writable: (s) => `sample_writable{${s}}`,
      lag: (s) => `sample_lag_seconds{${s}}`,
      broken: (s) => `sample_streaming{${s}} == 0`,
      connections: (s) => `sample_connections{${s}}`,
      mostConnections: (s) => `sample_connections_limit{${s}}`,
      starts: (s, within) => `changes(sample_start_time_seconds{${s}}[${within}])`,
      panels: () => [],
    },
    clientScript: () => 'exec sample',
    users: {
      alternates: false,
      connect: () => ({
        ensure: () => Promise.reject(new Error('the sample has no users')),
        lock: () => Promise.reject(new Error('the sample has no users')),
        drop: () => Promise.resolve({}),
        close: () => undefined,
      }),
    },
    topology,
  },
  checks: {
    leastMemoryBytes: 1,
    bytesPerConnection: 1,
    electsByMajority: false,
    ownedEnvironment: [],
    claimedMemory: () => undefined,
    parameterFault: () => undefined,
    grants: [],
    grantTargets: [],
  },
};
