import type { ExportSource } from '../../../audit/export/source.ts';
import type { HistoryEntry, HostAudit } from '../../../audit/model.ts';

/** The newest bundle of a server as an audit knows it, typed by hand. */
export function newestOf(audit: HostAudit, os = 'Windows Server 2016 Standard 10.0.14393'): HistoryEntry {
  return {
    bundle: 'ab'.repeat(32),
    file: 'newest.pack.json',
    claimedAt: `${audit.at}T03:00:04Z`,
    day: audit.at,
    mode: 'task',
    keyId: 'cd'.repeat(32),
    targetId: audit.host.id,
    chain: { id: 'ef'.repeat(16), sequence: 0 },
    clock: { state: 'synchronised' },
    collectors: [],
    incidents: [],
    receipt: 'none',
    documents: {},
    seen: {
      os: { status: 'observed', value: os, document: 'host', pointer: '/os', sources: [] },
      admins: {
        status: 'observed',
        value: [{ name: 'svc-backup', ways: ['Administrators'], standing: true, state: 'enabled' }],
        document: 'admins',
        pointer: '/principals',
        sources: [],
      },
      unseen: [],
    },
  };
}

export const packagesDocument = {
  format: 'affiant-packages/1',
  blind: 'q8Yc0Jt0y2zq2v3cKJm2nX1cJH0m3yJ0b8s4W0sJ5fA',
  packages: {
    status: 'observed',
    value: [
      { purl: 'pkg:deb/debian/bash@5.2.15-2?arch=amd64', name: 'bash', architecture: 'amd64', version: '5.2.15-2' },
      {
        purl: 'pkg:deb/debian/openssl@3.0.16-1?arch=amd64',
        name: 'openssl',
        architecture: 'amd64',
        version: '3.0.16-1',
      },
    ],
    sources: ['command:dpkg-query'],
  },
};

export function exportSource(audit: HostAudit, packages?: object): ExportSource {
  return {
    audit,
    newest: newestOf(audit),
    document: (name) => (name === 'packages' ? packages : undefined),
    version: '0.1.0',
  };
}
