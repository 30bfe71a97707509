/**
 * ClamAV: the engine (clamd) scans what it is asked to. Only clamonacc, a second daemon, asks it on every
 * access: without it nothing is protected in real time, whatever clamd.conf says.
 * https://docs.clamav.net/manual/OnAccess.html
 */
import type { Host } from '../../../agent/host/host.ts';
import type { Detections, Fact } from '../../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, unseen } from '../../fact.ts';
import { wholeFile, wholeOutput } from '../../updates/whole-text.ts';
import { type Findings, type Product, reading, type Tools } from '../product.ts';
import { type ClamdConf, clamdExclusions, parseClamdConf, watchedPlaces } from './clamav-conf.ts';
import { type DatabaseHeader, newestHeader, parseDatabaseHeader } from './clamav-database.ts';
import { parseFreshclamLog } from './clamav-freshclam.ts';
import { parseClamdLog } from './clamav-log.ts';
import { type ClamVersion, parseClamVersion, signatureFacts } from './clamav-version.ts';

export const clamav: Product = {
  id: 'clamav',
  vendor: 'Cisco',
  product: 'ClamAV',
  traces: {
    packages: ['clamav-daemon', 'clamd', 'clamav-server', 'clamav', 'clamav-base'],
    units: ['clamav-daemon.service', 'clamd@scan.service', 'clamd.service'],
    helperUnits: ['clamav-clamonacc.service', 'clamonacc.service', 'clamav-freshclam.service'],
    processes: ['clamd'],
    helperProcesses: ['clamonacc', 'freshclam'],
    paths: ['/usr/sbin/clamd', '/usr/bin/clamdscan', '/usr/bin/clamscan'],
  },
  async read(tools) {
    const { host, digests } = tools;
    const version = wholeOutput(await host.exec('clamdscan-version'), parseClamVersion);
    const conf = await readConf(host);
    return [
      ...signatureFindings(version, await readHeaders(host)),
      {
        mode: modeOf(version),
        realTimeProtection: realTimeOf(tools, conf, version),
        exclusions: conf.status === 'observed' ? observed(clamdExclusions(conf.value, digests), ...conf.sources) : conf,
        detections: await readDetections(tools, conf),
      },
      reading(await readUpdates(host), ['signatureUpdate']),
    ];
  },
};

/** Debian, Fedora and its kin, SUSE, built by hand. The first that is there is the one in use. */
const confFiles = ['/etc/clamav/clamd.conf', '/etc/clamd.d/scan.conf', '/etc/clamd.conf', '/usr/local/etc/clamd.conf'];
const folder = '/var/lib/clamav';

async function readConf(host: Host): Promise<Fact<ClamdConf>> {
  let why: Fact<ClamdConf> | undefined;
  for (const path of confFiles) {
    const answer = await host.readFile(path);
    if (answer.status === 'observed') return wholeFile(answer, parseClamdConf);
    if (answer.status !== 'absent') return missed(answer);
    why = missed({ ...answer, status: 'unsupported' });
  }
  return why ?? unseen('failed', 'no-place-to-look', [`file:${confFiles[0]}`]);
}

/** The first 512 bytes of the daily signatures, as they came or as they were changed since (cvd, cld). */
async function readHeaders(host: Host): Promise<Fact<DatabaseHeader>> {
  const facts: Fact<DatabaseHeader>[] = [];
  for (const name of ['daily.cld', 'daily.cvd'])
    facts.push(
      fromAnswer(await host.readFile(`${folder}/${name}`, { maxBytes: 512 }), ({ text }) => parseDatabaseHeader(text)),
    );
  return newestHeader(facts);
}

function signatureFindings(version: Fact<ClamVersion>, header: Fact<DatabaseHeader>): Findings[] {
  const own: Findings[] = [signatureFacts(version, header)];
  if (version.status === 'observed')
    own.push(
      reading(observed({ version: version.value.version, engineVersion: version.value.version }, ...version.sources), [
        'version',
        'engineVersion',
      ]),
    );
  else own.push({ engineVersion: version });
  return own;
}

/** clamd has one mode; whether it runs and is asked is told elsewhere. */
function modeOf(version: Fact<ClamVersion>): NonNullable<Findings['mode']> {
  return version.status === 'observed' ? observed({ mode: 'active' }, ...version.sources) : version;
}

/**
 * By the second daemon itself; where processes are hidden, by its unit. What it watches is told in clamd.conf:
 * `watched` is empty where that names no place.
 */
function realTimeOf(
  { system: { processes, units }, digests }: Tools,
  conf: Fact<ClamdConf>,
  version: Fact<ClamVersion>,
): NonNullable<Findings['realTimeProtection']> {
  // That a daemon does not run says nothing of a product that may not be there.
  if (conf.status !== 'observed' && version.status !== 'observed') return conf;
  const names = ['clamav-clamonacc.service', 'clamonacc.service'];
  const unit = units.status === 'observed' && names.some((name) => units.value.get(name)?.active === true);
  if (processes.status !== 'observed' && !unit) return processes;
  const runs = processes.status === 'observed' ? processes.value.some(({ name }) => name === 'clamonacc') : unit;
  const sources = processes.status === 'observed' ? processes.sources : units.sources;
  if (!runs) return observed({ enabled: false }, ...sources);
  if (conf.status !== 'observed') return conf;
  return observed(
    {
      enabled: true,
      subsystem: 'fanotify',
      blocking: conf.value.get('onaccessprevention')?.at(-1)?.toLowerCase() === 'yes',
      watched: watchedPlaces(conf.value, digests),
    },
    ...sources,
    ...conf.sources,
  );
}

/** Only a log under /var/log is read: the place comes from a file of the server's. */
async function readDetections({ host, digests }: Tools, conf: Fact<ClamdConf>): Promise<Fact<Detections>> {
  if (conf.status !== 'observed') return conf;
  const path = conf.value.get('logfile')?.at(-1);
  if (path === undefined) return unseen('unsupported', 'no-log-file', conf.sources);
  if (!/^\/var\/log\/[\w@./-]{1,200}$/.test(path) || path.includes('..'))
    return unseen('unsupported', 'log-elsewhere', conf.sources);
  const blocking = conf.value.get('onaccessprevention')?.at(-1)?.toLowerCase() === 'yes';
  const log = await host.readFile(path, { maxBytes: 8 * 1024 * 1024, volatile: true });
  // A log that is not there holds nothing, and was perhaps taken away: it is no answer.
  if (log.status === 'absent') return missed({ ...log, status: 'unsupported' }, ...conf.sources);
  return wholeFile(log, (text) => parseClamdLog(text, digests, blocking));
}

async function readUpdates(host: Host) {
  let why = wholeFile(
    await host.readFile('/var/log/clamav/freshclam.log', { maxBytes: 8 * 1024 * 1024, volatile: true }),
    parseFreshclamLog,
  );
  if (why.status === 'absent')
    why = wholeFile(
      await host.readFile('/var/log/freshclam.log', { maxBytes: 8 * 1024 * 1024, volatile: true }),
      parseFreshclamLog,
    );
  return why.status === 'absent' ? unseen('unsupported', 'no-log-file', why.sources) : why;
}
