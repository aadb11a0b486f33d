/** What the image says of itself; the Dockerfile repeats it, and a test compares the two. */

export const uid = 65_532;

export const entrypoint = ['/usr/local/bin/node', '/app/dist/main.js'] as const;
export const command = ['serve'] as const;

/** One malloc arena: Node's threads would each keep pages of their own (docs/adr/0008-memory-is-given-back.md). */
export const environment = {
  PATH: '/usr/local/bin',
  NODE_ENV: 'production',
  MALLOC_ARENA_MAX: '1',
} as const;

export const sbomPath = '/usr/share/sbom/database-operator.cdx.json';
export const licensesPath = '/usr/share/doc/database-operator/LICENSES.txt';

export const labels = (version: string): Readonly<Record<string, string>> => ({
  'org.opencontainers.image.title': 'database-operator',
  'org.opencontainers.image.description': 'Admission webhook and reconcile loop for databases on Kubernetes',
  'org.opencontainers.image.version': version,
  'org.opencontainers.image.licenses': 'Apache-2.0',
  'database.example.com/sbom': sbomPath,
});

/** The chart and the node's tools know it by this name. */
export const reference = (version: string): string => `database-operator:v${version}`;
