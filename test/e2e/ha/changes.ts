/** Changes of a running Database: what the manifest becomes, and what may happen to its members and to its writers. */
import type { Spec, UnderTest } from './database.ts';
import type { Subject } from './subjects.ts';

export interface Change {
  readonly name: string;
  /** The spec with the change in it; undefined: the engine has nothing of the kind. */
  spec(spec: Spec, subject: Subject): Spec | undefined;
  /** What admission has to announce. */
  readonly announced: RegExp;
  /** Pods are made anew, all of them, or none. */
  readonly restarts: boolean;
}

const withParameters = (spec: Spec, parameters: Spec | undefined): Spec | undefined =>
  parameters && { ...spec, config: { ...(spec['config'] as Spec | undefined), parameters } };

export const changes: readonly Change[] = [
  {
    name: 'reload',
    spec: (spec, { reloads }) => withParameters(spec, reloads),
    announced: /reload/,
    restarts: false,
  },
  {
    name: 'restart',
    spec: (spec, { restarts }) => withParameters(spec, restarts),
    announced: /switchover/,
    restarts: true,
  },
  {
    name: 'minor-upgrade',
    spec: (spec, { newer }) => ({ ...spec, version: newer.version }),
    announced: /switchover/,
    restarts: true,
  },
];

/** What people do wrong; admission may refuse it, else it has to stop at the first replica and be told. */
export interface Misoperation {
  readonly name: string;
  spec(d: UnderTest): Spec;
  /** In the status: what names the culprit. */
  readonly told: RegExp;
}

export const misoperations: readonly Misoperation[] = [
  {
    name: 'image-that-does-not-exist',
    spec: ({ spec, subject }) => ({ ...spec, image: `registry.example.invalid/${subject.image}` }),
    told: /image/i,
  },
  {
    name: 'parameter-that-wont-start',
    spec: ({ spec, subject }) => withParameters(spec, subject.wontStart) ?? spec,
    told: /parameter|config/i,
  },
  {
    name: 'node-that-does-not-exist',
    spec: ({ spec }) => ({ ...spec, podTemplate: { nodeSelector: { 'example.com/none': 'here' } } }),
    told: /nodeSelector|affinity|schedul/i,
  },
  {
    name: 'affinity-that-cant-be-met',
    spec: ({ spec }) => ({
      ...spec,
      podTemplate: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'example.com/none', operator: 'Exists' }] }],
            },
          },
        },
      },
    }),
    told: /affinity|schedul/i,
  },
  {
    name: 'memory-too-low',
    spec: ({ spec }) => ({ ...spec, resources: { limits: { memory: '24Mi' }, requests: { memory: '24Mi' } } }),
    told: /memory/i,
  },
  {
    name: 'memory-nobody-has',
    spec: ({ spec }) => ({ ...spec, resources: { requests: { memory: '4Ti' } } }),
    told: /memory|schedul/i,
  },
  {
    name: 'secret-that-does-not-exist',
    spec: ({ spec }) => ({ ...spec, tls: { certificateSecret: 'no-such-secret' } }),
    told: /secret/i,
  },
  {
    name: 'priority-class-that-does-not-exist',
    spec: ({ spec }) => ({ ...spec, podTemplate: { priorityClassName: 'no-such-class' } }),
    told: /priority/i,
  },
];
