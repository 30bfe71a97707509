import { killStorm } from './kill-storm.ts';

describe('endpoint killed with -9', function () {
  this.timeout(120_000);
  killStorm({ dialect: 'sqlite', kills: 5 });
  killStorm({ dialect: 'postgres', kills: 3, serverKills: 1, processes: 2 });
});
