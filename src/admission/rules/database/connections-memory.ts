import type { Database } from '../../../api/types.generated.ts';
import { bytesOf, formatBytes } from '../../../values/quantity-use.ts';
import { warning } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

/** What is left beside buffers and caches. */
const shareForConnections = 0.5;

export const connectionsMemory: Rule<Database> = {
  id: 'DB096',
  title: 'connections fit into the memory limit',
  kind: 'Database',
  on: writes,
  needs: 'spec.config.maxConnections',
  why: 'Every connection costs memory before it does anything: when all come, the kernel kills the server.',
  remedy: 'Lower config.maxConnections (a pooler serves thousands of clients with few), or raise the memory limit.',
  since: '0.1.0',
  severity: 'warn',
  check({ object }) {
    const engine = engineOf(object);
    const { config, resources } = object.spec;
    const limit = bytesOf(resources?.limits?.['memory']);
    if (engine === undefined || limit === undefined || config?.maxConnections === undefined) return [];
    const fit = Math.floor((limit * shareForConnections) / engine.checks.bytesPerConnection);
    if (config.maxConnections <= fit) return [];
    return [
      warning(
        'spec.config.maxConnections',
        `${config.maxConnections} connections can fill the memory limit of ${formatBytes(limit)} by themselves; use ${fit} or fewer, or raise the limit`,
      ),
    ];
  },
  accepted: [
    {
      title: 'a hundred in 2Gi',
      object: database({ config: { maxConnections: 100 }, resources: { limits: { memory: '2Gi' } } }),
    },
  ],
  refused: [
    {
      title: 'a thousand in 512Mi',
      object: database({ config: { maxConnections: 1000 }, resources: { limits: { memory: '512Mi' } } }),
    },
  ],
};
