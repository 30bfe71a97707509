/** Each answer that the collectors get of a recorded Windows server, denied, absent, hung, failed and not recorded in turn. */
import { openHost } from '../../agent/host/door.ts';
import type { Host } from '../../agent/host/host.ts';
import { openRecording } from '../../agent/host/replay.ts';
import { checkEachSource } from '../collectors/each-source-denied.ts';
import { collectors, machineFolder } from '../collectors/windows/servers.ts';

function hostOf(name: string): Host {
  const opened = openRecording(machineFolder(name));
  if (!opened.ok) throw new Error(JSON.stringify(opened));
  return openHost(opened.value.machine).forCollector('test').host;
}

describe('Windows with each source spoilt in turn', function () {
  this.timeout(120_000);
  let cases = 0;
  after(() => void process.stdout.write(`      ${cases} cases\n`));

  for (const collector of collectors)
    for (const name of ['windows-exchange-de', 'windows-controller-ja'])
      it(`lets ${collector.name} of ${name} say nothing that was not seen`, async () => {
        cases += await checkEachSource({
          collector,
          host: () => hostOf(name),
          // A filter that is not registered is seen not to be; the same for the lists that these come from.
          wholeOnly: [],
        });
      });
});
