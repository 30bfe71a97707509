import { killStorm } from '../endpoint/kill-storm.ts';

/** With those of `npm test`, over a thousand. */
describe('endpoint and database killed with -9, over and over', function () {
  this.timeout(1_200_000);
  killStorm({ dialect: 'sqlite', kills: 350 });
  killStorm({ dialect: 'postgres', kills: 200, serverKills: 450 });
});
