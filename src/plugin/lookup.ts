/** A Database by its name, or the names that may have been meant. */
import type { KubernetesObject, Resource } from '../api/object.ts';
import { Database as databases } from '../api/resources.ts';
import type { Database } from '../api/types.generated.ts';
import { engineByName } from '../engines/index.ts';
import type { Engine } from '../engines/engine.ts';
import { closest } from '../values/nearest.ts';
import { listAll, type Cluster } from './cluster.ts';
import type { Call } from './command.ts';
import { Misused, Told } from './told.ts';

/** Up to this many names are told when none is near. */
const namesTold = 10;

/** For a name that is not there. */
export function notFound(kind: string, name: string, where: string, known: readonly string[]): string {
  const near = closest(name, known);
  const listed = `${known.slice(0, namesTold).join(', ')}${known.length > namesTold ? ', …' : ''}`;
  const hint =
    near !== undefined
      ? `did you mean ${near}?`
      : known.length > 0
        ? `there are: ${listed}`
        : `there is none: is it in another namespace? (kubectl get ${kind.toLowerCase()}s -A)`;
  return `no ${kind} ${name} in ${where}; ${hint}`;
}

export const find = async (cluster: Cluster, resource: Resource, name: string): Promise<KubernetesObject> => {
  const { client, namespace } = cluster;
  const object = await client.get({ resource, namespace, name });
  if (object !== undefined) return object;
  const known = (await listAll(cluster, resource, { namespace })).map(({ metadata }) => metadata.name);
  throw new Told(notFound(resource.kind, name, `namespace ${namespace}`, known));
};

/** The Database that the command's first operand names. */
export async function findDatabase(call: Call): Promise<{ cluster: Cluster; database: Database }> {
  const [name] = call.operands;
  if (name === undefined) throw new Misused('which Database? NAME is missing');
  const cluster = await call.cluster();
  return { cluster, database: (await find(cluster, databases, name)) as Database };
}

/** Rejects while the engine is not known, which is when no operator has completed the Database. */
export function engineOf({ spec, metadata }: Database): Engine & Required<Pick<Engine, 'runtime'>> {
  const engine = engineByName(spec.engine ?? spec.type ?? '');
  if (engine?.runtime === undefined) {
    throw new Told(`the engine of ${metadata.name} is not known: set spec.engine`);
  }
  return { ...engine, runtime: engine.runtime };
}

/** Only one operand, and it is there. */
export function onlyName({ operands }: Call): void {
  const [, extra] = operands;
  if (extra !== undefined) throw new Misused(`one name is enough: ${JSON.stringify(extra)} is too much`);
}
