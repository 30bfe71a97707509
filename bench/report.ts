/**
 * What a report costs: `npm run bench:report`. The page of one server over 549 days with nine missing fixes and
 * 549 bundles (goals: under 300 ms from a cold process, and under 1 MB), and of a fleet of 1,000 servers.
 * Times are CPU times, first of a cold run of each in this process, then of the median of warm ones.
 */
import type { HostAudit } from '../audit/model.ts';
import { median } from './measure.ts';

type Page = { readonly cpuMs: number; readonly text: string };

function timed(make: () => string): Page {
  const before = process.cpuUsage();
  const text = make();
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, text };
}

function line(what: string, cold: Page, warm: readonly number[]): void {
  const bytes = Buffer.byteLength(cold.text);
  process.stdout.write(
    `${what.padEnd(44)} ${cold.cpuMs.toFixed(0).padStart(6)} ms cold ${median(warm).toFixed(1).padStart(7)} ms warm ${(bytes / 1000).toFixed(0).padStart(6)} kB\n`,
  );
}

function measure(what: string, make: () => string): void {
  const cold = timed(make);
  line(
    what,
    cold,
    Array.from({ length: 5 }, () => timed(make).cpuMs),
  );
}

const before = process.cpuUsage();
const { hostPage } = await import('../audit/report/host-page.ts');
const { fleetPage } = await import('../audit/report/fleet-page.ts');
const loaded = process.cpuUsage(before);
process.stdout.write(
  `${'loading the report and its charts'.padEnd(44)} ${((loaded.user + loaded.system) / 1000).toFixed(0).padStart(6)} ms\n`,
);

const { emptyHost, goodHost, mailServer } = await import('../test/audit/report/sample.ts');
const { context, exposure, finding } = await import('../test/audit/report/pieces.ts');

const server = mailServer();
const many: HostAudit = {
  ...server,
  exposures: Array.from({ length: 300 }, (_unused, at) => exposure(`RHSA-2021:${at}`, '2021-02-01', server.at)),
  findings: Array.from({ length: 300 }, (_unused, at) => finding(`RHSA-2021:${at}`, '2021-02-01')),
};
measure('a server, 549 days, 9 fixes missing', () => hostPage(server, context(549)));
measure('a server, 549 days, 300 fixes missing', () => hostPage(many, context(549)));
const hosts = Array.from({ length: 1000 }, (_unused, at): HostAudit => {
  const base = at % 10 === 0 ? emptyHost() : at % 3 === 0 ? server : goodHost();
  return {
    ...base,
    host: { ...base.host, id: at.toString(16).padStart(32, '0'), names: [`server-${at}.example.org`] },
  };
});
measure('a fleet of 1,000 servers', () => fleetPage({ at: server.at, hosts, refused: [] }, context(0)));
