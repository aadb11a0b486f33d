import type { Database } from '../../../api/types.generated.ts';
import { annotationFaults } from '../checks/pod-knobs.ts';
import type { Rule } from '../../rule.ts';
import { database, writes } from '../examples.ts';

const pod = (podTemplate: Readonly<Record<string, unknown>>): ReturnType<typeof database> => database({ podTemplate });

export const podAnnotations: Rule<Database> = {
  id: 'DB122',
  title: 'annotations of pods',
  kind: 'Database',
  on: writes,
  needs: 'spec.podTemplate.annotations',
  why: 'Kubernetes refuses keys of another form; annotations of the operator decide which pods restart.',
  remedy: 'Use keys with a domain of your own.',
  since: '0.1.0',
  severity: 'deny',
  check: ({ object }) => annotationFaults('spec.podTemplate.annotations', object.spec.podTemplate?.annotations),
  accepted: [{ title: 'a mesh', object: pod({ annotations: { 'sidecar.istio.io/inject': 'false' } }) }],
  refused: [
    { title: "the operator's", object: pod({ annotations: { 'database.example.com/pod-hash': 'x' } }) },
    { title: 'a blank in the key', object: pod({ annotations: { 'my note': 'x' } }) },
  ],
};
