/** The image of the operator as it is in the tree, which backup pods run: under a tag of the tests' own. */
import assert from 'node:assert/strict';
import { repository, run, type Cluster } from './cluster.ts';

const image = process.env['E2E_AGENT_IMAGE'];

/** Builds it and loads it into the node, unless `E2E_AGENT_IMAGE` names one that is there; answers the operator's flags. */
export async function loadAgent(cluster: Cluster): Promise<readonly string[]> {
  if (image !== undefined) return [`--agent-image=${image}`];
  const tag = 'database-operator:e2e';
  const { code, stderr } = await run('npm', ['run', '--silent', 'image'], { timeoutMs: 300_000 });
  assert.equal(code, 0, stderr);
  await cluster.prepare(['image', 'load', `${repository}/dist/image/database-operator.tar`]);
  await cluster.prepare(['image', 'tag', 'database-operator:v0.1.0', tag]);
  return [`--agent-image=${tag}`];
}
