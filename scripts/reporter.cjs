/**
 * Mocha's spec reporter, after it the tests that were tried again, and last the line that CI counts by: `N passed, N failed`.
 *
 * What a test leaves running would keep the process alive for ever: it is named, and fails the run. A test that was tried again may
 * have left something from the first time; that is only named.
 */
const { reporters, Runner } = require('mocha');

const graceMs = 20_000;

module.exports = class CountedSpec extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const again = [];
    runner.on(Runner.constants.EVENT_TEST_RETRY, (test, error) =>
      again.push(`${test.fullTitle()}: ${error?.message?.split('\n', 1)[0]}`),
    );
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      // After the spec reporter's own epilogue, which listens for the same event.
      setImmediate(() => {
        for (const test of again) console.log(`tried again: ${test}`);
        console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}`);
      });
      setTimeout(() => {
        console.error(`left running: ${process.getActiveResourcesInfo().join(', ')}`);
        // Mocha sets its own code as the process ends.
        process.on('exit', () => (process.exitCode ||= again.length > 0 ? 0 : 1));
        process.exit();
      }, graceMs).unref();
    });
  }
};
