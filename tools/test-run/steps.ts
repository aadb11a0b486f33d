/** What `npm test` runs, in this order: what fails fast and cheaply first. */

export interface Step {
  readonly name: string;
  readonly title: string;
  /** Program and arguments; `node` is the running Node. */
  readonly command: readonly [string, ...string[]];
  /**
   * How its tests are counted. `gate`: one test, passed when it exits with 0; its output is shown only when it fails.
   * `mocha`: by the counting reporter. `closing-line`: by the `N passed, N failed` it ends with; without one, as a gate.
   */
  readonly counts: 'gate' | 'mocha' | 'closing-line';
  readonly timeoutMinutes: number;
}

const mocha = 'node_modules/mocha/bin/mocha.js';

export const steps: readonly Step[] = [
  { name: 'types', title: 'types fit', command: ['npm', 'run', '-s', 'check'], counts: 'gate', timeoutMinutes: 10 },
  {
    name: 'lint',
    title: 'lint, import zones and format',
    command: ['npm', 'run', '-s', 'lint'],
    counts: 'gate',
    timeoutMinutes: 15,
  },
  {
    name: 'generated',
    title: 'generated files match their sources',
    command: ['npm', 'run', '-s', 'gen:check'],
    counts: 'gate',
    timeoutMinutes: 5,
  },
  { name: 'unit', title: 'unit tests', command: ['node', mocha], counts: 'mocha', timeoutMinutes: 10 },
  {
    name: 'fuzz',
    title: 'admission, 20,000 arbitrary reviews',
    command: ['node', 'test/fuzz/run.ts', '--count', '20000'],
    counts: 'closing-line',
    timeoutMinutes: 5,
  },
  {
    name: 'simulation',
    title: 'simulator, 500 seeds',
    command: ['node', 'test/simulation/run.ts', '--seeds', '500'],
    counts: 'closing-line',
    timeoutMinutes: 20,
  },
  {
    name: 'control-plane',
    title: 'a control plane: found, downloaded or built',
    command: ['node', 'tools/control-plane/prepare.ts'],
    counts: 'gate',
    timeoutMinutes: 60,
  },
  {
    name: 'api',
    title: 'tests against a real API server',
    command: ['node', mocha, '--config', 'test/api/.mocharc.json'],
    counts: 'mocha',
    timeoutMinutes: 20,
  },
];
