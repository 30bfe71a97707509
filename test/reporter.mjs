// Dots while the tests run; at the end every skipped test by name, so that nothing is skipped in silence.
import Mocha from 'mocha';

const { EVENT_TEST_PENDING, EVENT_RUN_END } = Mocha.Runner.constants;

export default class Reporter extends Mocha.reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    runner.on(EVENT_RUN_END, () => {
      for (const title of skipped) process.stdout.write(`  SKIPPED: ${title}\n`);
    });
  }
}
