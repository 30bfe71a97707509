import { killLoop } from './kill-loop.ts';

describe('endpoint killed with -9', function () {
  this.timeout(120_000);
  killLoop(5);
});
