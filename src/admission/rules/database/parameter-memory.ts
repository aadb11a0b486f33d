import type { Database } from '../../../api/types.generated.ts';
import { bytesOf, formatBytes } from '../../../values/quantity-use.ts';
import { keyOf } from '../../field.ts';
import { invalid } from '../../field.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';
import { engineOf } from '../read.ts';

const mostOfLimit = 0.75;
const MiB = 1024 * 1024;

export const parameterMemory: Rule<Database> = {
  id: 'DB095',
  title: 'buffers fit into the memory limit',
  kind: 'Database',
  on: writes,
  needs: 'spec.resources.limits.memory',
  why: 'The kernel kills a server whose buffers alone fill its memory, at every start.',
  remedy: 'Set the buffer to three quarters of the memory limit or less, or leave it out: it is sized from the limit.',
  since: '0.1.0',
  severity: 'deny',
  check({ object }) {
    const engine = engineOf(object);
    const limit = bytesOf(object.spec.resources?.limits?.['memory']);
    const claim = engine?.checks.claimedMemory(object.spec.config?.parameters ?? {});
    if (limit === undefined || claim === undefined || claim.bytes <= limit * mostOfLimit) return [];
    return [
      invalid(
        keyOf('spec.config.parameters', claim.name),
        object.spec.config?.parameters?.[claim.name],
        `must be at most ${formatBytes(Math.floor((limit * mostOfLimit) / MiB) * MiB)}, three quarters of the memory limit (${formatBytes(limit)}); lower it, or remove it to have it sized`,
      ),
    ];
  },
  accepted: [
    {
      title: 'a quarter',
      object: database({
        resources: { limits: { memory: '2Gi' } },
        config: { parameters: { shared_buffers: '512MB' } },
      }),
    },
  ],
  refused: [
    {
      title: 'all of it',
      object: database({ resources: { limits: { memory: '2Gi' } }, config: { parameters: { shared_buffers: '2GB' } } }),
    },
  ],
};
