/** Mocha root hooks: the control plane starts before the first suite, so no test's time limit pays for it. */
import { controlPlane, stopControlPlane } from './harness.ts';

export const mochaHooks = {
  async beforeAll(this: Mocha.Context): Promise<void> {
    // Its parts have limits of their own; binaries that have to be built first take minutes.
    this.timeout(0);
    await controlPlane();
  },
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(30_000);
    await stopControlPlane();
  },
};
