// Dots while the tests run; at the end every skipped test by name, so that nothing is skipped in silence,
// what took longest, so that it is seen where the minutes go, and every failed test in one line of its own.
import { relative } from 'node:path';
import Mocha from 'mocha';

const { EVENT_TEST_PENDING, EVENT_TEST_END, EVENT_TEST_FAIL, EVENT_RUN_END } = Mocha.Runner.constants;
const longSeconds = 20;

export default class Reporter extends Mocha.reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    const failed = [];
    const seconds = new Map();
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    runner.on(EVENT_TEST_FAIL, (test, error) => failed.push(`${test.fullTitle()}: ${firstLine(error)}`));
    runner.on(EVENT_TEST_END, ({ file = '', duration = 0 }) =>
      seconds.set(file, (seconds.get(file) ?? 0) + duration / 1000),
    );
    runner.on(EVENT_RUN_END, () => {
      for (const title of skipped) process.stdout.write(`  SKIPPED: ${title}\n`);
      const long = [...seconds].filter(([, time]) => time > longSeconds).toSorted(([, a], [, b]) => b - a);
      for (const [file, time] of long)
        process.stdout.write(`  ${time.toFixed(0)} s in ${relative(process.cwd(), file)}\n`);
      for (const line of failed) process.stdout.write(`  FAILED: ${line}\n`);
    });
  }
}

function firstLine(error) {
  return String(error?.message ?? error)
    .split('\n', 1)[0]
    .slice(0, 200);
}
