// Mocha's spec reporter, and the counts as JSON in the file that `--reporter-option output=FILE` names.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import Mocha from 'mocha';

/** A suite that fails in a hook counts as a failure: its tests did not run. */
export default class CountingReporter extends Mocha.reporters.Spec {
  /**
   * @param {import('mocha').Runner} runner
   * @param {import('mocha').MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    let failed = 0;
    runner.on('fail', (_, error) => {
      failed++;
      // Once more at the end; but nobody waits for the end of an hour to see why.
      process.stderr.write(`${error.stack ?? error.message}\n`);
    });
    runner.once('end', () => {
      const { passes = 0, pending = 0 } = runner.stats ?? {};
      writeFileSync(options.reporterOptions.output, JSON.stringify({ passed: passes, failed, pending }));
    });
  }
}
