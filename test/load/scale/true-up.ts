/** Copies of what our operator made: the same functions say what they have to look like. */
import { completeDatabase } from '../../../src/admission/defaults.ts';
import type { KubernetesObject } from '../../../src/api/object.ts';
import type { Database } from '../../../src/api/types.generated.ts';
import { desiredObjects } from '../../../src/desired/index.ts';
import { internalSecretName, podHashAnnotation } from '../../../src/desired/names.ts';
import { makeCredentials, readCredentials } from '../../../src/desired/secret.ts';
import { engineByName } from '../../../src/engines/index.ts';
import { stamp } from '../../../src/planning/drift.ts';
import { randomBytesOf, type TrueUp } from './clone.ts';

type Loose = Record<string, unknown>;

/** New passwords with `fresh`; without, nothing changes of an object as it was made. */
export function trueUpWith(fresh: boolean): TrueUp {
  return (objects) => {
    const find = (kind: string, name: string): KubernetesObject | undefined =>
      objects.find((one) => one.kind === kind && one.metadata.name === name);
    const database = objects.find(({ kind }) => kind === 'Database') as Database;
    const { name, uid = '' } = database.metadata;
    const engine = engineByName(database.spec.engine ?? '');
    const kept = find('Secret', internalSecretName(name));
    const credentials = fresh ? makeCredentials(randomBytesOf) : kept && readCredentials(kept);
    if (engine === undefined || credentials === undefined) throw new Error(`nothing is known of ${name}`);
    const { objects: wanted } = desiredObjects(completeDatabase(database), engine, {
      ownerUid: uid,
      credentials,
      ...recordOf(database),
      initialized: false,
      reseed: {},
      claimSize: String(database.spec.storage?.size),
      operatorNamespace: 'database-system',
      agentImage: 'database-operator:test',
    });
    for (const { object, ownership } of wanted) {
      const copy = find(object.kind, object.metadata.name);
      if (copy !== undefined) putRight(copy, ownership === 'apply' ? stamp(object) : object);
    }
    putHash(find('Pod', `${name}-0`), templateOf(find('StatefulSet', name)));
  };
}

const recordOf = ({ metadata, status }: Database): { primary: string; term: number } => ({
  primary: status?.currentPrimary ?? `${metadata.name}-0`,
  term: status?.primaryTerm ?? 1,
});

function putHash(pod: KubernetesObject | undefined, template: Template | undefined): void {
  const hash = template?.annotations?.[podHashAnnotation];
  const metadata = pod?.metadata as { annotations?: Loose } | undefined;
  if (metadata !== undefined && hash !== undefined)
    metadata.annotations = { ...metadata.annotations, [podHashAnnotation]: hash };
}

interface Template {
  annotations?: Record<string, string>;
}

const templateOf = (set: KubernetesObject | undefined): Template | undefined =>
  (set?.['spec'] as { template?: { metadata?: Template } } | undefined)?.template?.metadata;

function putRight(copy: KubernetesObject, wanted: KubernetesObject): void {
  if (wanted.metadata.annotations !== undefined) {
    const annotations = { ...copy.metadata.annotations, ...wanted.metadata.annotations };
    (copy as Loose)['metadata'] = { ...copy.metadata, annotations };
  }
  if (wanted['data'] !== undefined) (copy as Loose)['data'] = wanted['data'];
  const [template, wantedTemplate] = [templateOf(copy), templateOf(wanted)];
  if (template !== undefined && wantedTemplate?.annotations !== undefined)
    template.annotations = { ...template.annotations, ...wantedTemplate.annotations };
}
