/** Mocha's spec reporter, and last the line that CI counts by: `N passed, N failed`. */
const { reporters, Runner } = require('mocha');

module.exports = class CountedSpec extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      // After the spec reporter's own epilogue, which listens for the same event.
      setImmediate(() =>
        console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}`),
      );
    });
  }
};
