/**
 * The tour: what a new user would try first, as a table. Each command is one that can be copied and typed after it; each
 * says what must come of it, so `npm run demo -- --check` is a test.
 */

export type Expectation =
  /** A non-zero exit whose message has all of these. */
  | { readonly refused: readonly string[] }
  /** Exit 0 and all of these on standard output or error; tried again for `withinSeconds`, since the loop takes a moment. */
  | { readonly prints: readonly string[]; readonly withinSeconds?: number };

export interface TourStep {
  readonly title: string;
  /** Words by spaces; single quotes hold a word together. */
  readonly command: string;
  readonly expect: Expectation;
  /** Where pods run: leave out in the embedded control plane, which has no kubelet. */
  readonly needsNodes?: boolean;
}

const patch = (spec: string): string => `kubectl patch database orders --type merge -p '{"spec":${spec}}'`;

export const tour: readonly TourStep[] = [
  {
    title: 'Every fault in one reply, each with its remedy',
    command: 'kubectl apply -f examples/refused/many-faults.yaml',
    expect: { refused: ['metadata.name', 'spec.engine', 'spec.replicas', 'spec.storage.size', 'spec.backup.schedule'] },
  },
  {
    title: 'A version that never existed',
    command: 'kubectl apply -f examples/refused/version-never-existed.yaml',
    expect: { refused: ['spec.version'] },
  },
  {
    title: 'A good Database: four lines of spec',
    command: 'kubectl apply -f examples/postgresql-minimal.yaml',
    expect: { prints: ['database.example.com/orders created'] },
  },
  {
    title: 'What it became',
    command: 'kubectl get statefulset,service,configmap,secret,networkpolicy,poddisruptionbudget -o name',
    expect: {
      prints: [
        'statefulset.apps/orders\n',
        'service/orders\n',
        'service/orders-primary\n',
        'service/orders-readonly\n',
        'service/orders-headless\n',
        'configmap/orders-config\n',
        'secret/orders-secret\n',
        'networkpolicy.networking.k8s.io/orders\n',
        'poddisruptionbudget.policy/orders\n',
      ],
      withinSeconds: 20,
    },
  },
  {
    title: 'The same manifest again changes nothing',
    command: 'kubectl apply -f examples/postgresql-minimal.yaml',
    expect: { prints: ['unchanged'] },
  },
  {
    title: 'An engine inferred from the version, older spellings followed, and said so',
    command: 'kubectl apply -f examples/inferred-mysql.yaml',
    expect: { prints: ['created', 'Warning', 'mysql'] },
  },
  {
    title: 'What is stored is complete',
    command: "kubectl get database inferred-mysql -o 'jsonpath={.spec.engine} {.spec.storage.size}'",
    expect: { prints: ['mysql 10Gi'] },
  },
  {
    title: 'A Service deleted by mistake …',
    command: 'kubectl delete service orders-primary',
    expect: { prints: ['deleted'] },
  },
  {
    title: '… comes back',
    command: 'kubectl get service orders-primary -o name',
    expect: { prints: ['service/orders-primary'], withinSeconds: 20 },
  },
  {
    title: 'A volume never shrinks',
    command: patch('{"storage":{"size":"512Mi"}}'),
    expect: { refused: ['spec.storage.size'] },
  },
  {
    title: 'No downgrade',
    command: patch('{"version":"16"}'),
    expect: { refused: ['spec.version'] },
  },
  {
    title: 'Protect it …',
    command: patch('{"deletionProtection":true}'),
    expect: { prints: ['patched'] },
  },
  {
    title: '… and a deletion is refused, with the way to lift the protection',
    command: 'kubectl delete database orders',
    expect: { refused: ['deletionProtection'] },
  },
  {
    title: 'Its state, as anyone would ask for it',
    command: 'kubectl get databases',
    expect: { prints: ['ENGINE', 'orders', 'postgresql', '17'], withinSeconds: 20 },
  },
  {
    title: 'On a node it runs',
    command: 'kubectl wait --for=condition=Ready database/orders --timeout=180s',
    expect: { prints: ['condition met'] },
    needsNodes: true,
  },
  {
    title: 'The schema teaches',
    command: 'kubectl explain database.spec.backup',
    expect: { prints: ['schedule', 'retention'] },
  },
];

export const tryNext: readonly string[] = [
  'kubectl describe database orders',
  "kubectl get configmap orders-config -o 'jsonpath={.data.postgresql\\.conf}'",
  'kubectl scale database orders --replicas=3',
  `kubectl edit database orders            # try another engine, 99 replicas, a size of 10K`,
  'kubectl apply -f examples/              # every kind and engine',
  'kubectl get events --sort-by=.lastTimestamp',
];
