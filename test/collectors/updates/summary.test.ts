import assert from 'node:assert/strict';
import type { Draft, SummaryRow } from '../../../collectors/collector.ts';
import { observed, unseen } from '../../../collectors/fact.ts';
import { withoutAnswers } from '../../../collectors/updates/linux.ts';
import { windowsFactsOnLinux } from '../../../collectors/updates/platform-facts.ts';
import { summariseUpdates } from '../../../collectors/updates/summary.ts';

const why = unseen('denied', 'permission-denied', ['command:dpkg-query -W']);
const source = 'command:apt list';

function rows(facts: Partial<Draft<'updates'>>): readonly SummaryRow[] {
  const none = withoutAnswers(observed('deb', 'stat:/var/lib/dpkg/status'), why);
  return summariseUpdates({ updates: { ...none.updates, ...windowsFactsOnLinux([source]), ...facts } });
}

function update(name: string, securityRelevant: 'yes' | 'no' | 'unknown') {
  return {
    name,
    architecture: 'amd64',
    installedVersion: '1',
    candidateVersion: '2',
    securityRelevant,
    suites: ['stable'],
  };
}

describe('summariseUpdates', () => {
  it('has no row for what was not seen', () => {
    assert.deepEqual(rows({}), []);
    assert.deepEqual(summariseUpdates({}), []);
  });

  it('counts security updates apart, and those whose archive does not tell', () => {
    const list = [update('a', 'yes'), update('b', 'no'), update('c', 'unknown'), update('d', 'yes')];
    assert.deepEqual(rows({ availableUpdates: observed(list, source) }), [
      {
        label: 'Updates available',
        text: '4, of which 2 security, 1 from archives that do not tell (apt)',
        tone: 'attention',
      },
    ]);
  });

  it('says that nothing to upgrade is so by the metadata at hand', () => {
    const [row] = rows({ availableUpdates: observed([], source) });
    assert.deepEqual(row, { label: 'Updates available', text: 'none by the metadata at hand (apt)', tone: 'good' });
  });

  it('sets the running kernel beside the others, and leaves it to the judge which is newer (Lynis#1259)', () => {
    const [row] = rows({
      kernels: observed(
        {
          runningRelease: '6.1.0-10-amd64',
          runningVersion: '6.1.153-1',
          installed: [
            { name: 'linux-image-6.1.0-10-amd64', version: '6.1.153-1' },
            { name: 'linux-image-6.1.0-9-amd64', version: '6.1.99-1' },
          ],
        },
        source,
      ),
    });
    assert.deepEqual(row, {
      label: 'Kernel',
      text: '6.1.0-10-amd64 (6.1.153-1) runs, 2 installed, beside it 6.1.99-1',
      tone: 'plain',
    });
  });

  it('does not call updates automatic that are only configured', () => {
    const automatic = { mechanism: 'unattended-upgrades', refreshes: true, installs: true } as const;
    assert.equal(rows({ automaticUpdates: observed({ ...automatic, installed: true }, source) })[0]?.tone, 'good');
    assert.equal(
      rows({ automaticUpdates: observed({ ...automatic, installed: false }, source) })[0]?.tone,
      'attention',
    );
  });
});
