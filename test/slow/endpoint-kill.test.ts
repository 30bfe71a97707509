import { killLoop } from '../endpoint/kill-loop.ts';

describe('endpoint killed with -9, over and over', () => {
  killLoop(40);
});
