/** Products that show here only that they are there and run, and detectors whose state is in what they report. */
import type { Product } from '../product.ts';

function present(id: string, vendor: string, product: string, traces: Product['traces']): Product {
  return { id, vendor, product, traces };
}

export const presenceProducts: readonly Product[] = [
  present('cylance', 'Arctic Wolf', 'Aurora Protect (Cylance)', {
    packages: ['cylance-protect', 'CylancePROTECT'],
    units: ['cylancesvc.service'],
    processes: ['cylancesvc'],
    paths: ['/opt/cylance'],
  }),
  present('withsecure', 'WithSecure', 'Linux Protection', {
    packages: ['f-secure-linuxsecurity', 'withsecure-linux-protection'],
    units: ['f-secure-linuxsecurity.service', 'fsma.service'],
    processes: ['fsma', 'fsaccd', 'fsavd'],
    paths: ['/opt/f-secure', '/opt/withsecure'],
  }),
  present('huntress', 'Huntress', 'Huntress agent', {
    packages: ['huntress-agent'],
    units: ['huntress-agent.service'],
    processes: ['huntress-agent'],
    paths: ['/usr/share/huntress'],
  }),
  present('qualys', 'Qualys', 'Cloud Agent', {
    packages: ['qualys-cloud-agent'],
    units: ['qualys-cloud-agent.service'],
    processes: ['qualys-cloud-ag'],
    paths: ['/usr/local/qualys/cloud-agent'],
  }),
  present('falco', 'The Falco Project', 'Falco', {
    packages: ['falco'],
    units: ['falco-modern-bpf.service', 'falco.service', 'falco-bpf.service', 'falco-kmod.service'],
    processes: ['falco'],
    paths: ['/usr/bin/falco'],
    modules: ['falco'],
  }),
  present('tetragon', 'Isovalent', 'Tetragon', {
    packages: ['tetragon'],
    units: ['tetragon.service'],
    processes: ['tetragon'],
    paths: ['/usr/local/bin/tetragon'],
  }),
  present('osquery', 'The osquery Project', 'osquery', {
    packages: ['osquery'],
    units: ['osqueryd.service'],
    processes: ['osqueryd'],
    paths: ['/opt/osquery', '/usr/bin/osqueryd'],
  }),
  present('sysmon-linux', 'Microsoft', 'Sysmon for Linux', {
    packages: ['sysmonforlinux'],
    units: ['sysmon.service'],
    processes: ['sysmon'],
    paths: ['/opt/sysmon'],
  }),
  present('rkhunter', 'The Rootkit Hunter Project', 'Rootkit Hunter', {
    packages: ['rkhunter'],
    units: [],
    processes: [],
    paths: ['/usr/bin/rkhunter'],
  }),
  present('chkrootkit', 'Pangeia', 'chkrootkit', {
    packages: ['chkrootkit'],
    units: [],
    processes: [],
    paths: ['/usr/sbin/chkrootkit'],
  }),
  present('maldet', 'R-fx Networks', 'Linux Malware Detect', {
    packages: ['maldetect'],
    units: ['maldet.service'],
    processes: [],
    paths: ['/usr/local/maldetect'],
  }),
  present('aide', 'The AIDE Project', 'AIDE', {
    packages: ['aide', 'aide-common'],
    units: [],
    helperUnits: ['dailyaidecheck.timer', 'aidecheck.timer'],
    processes: [],
    paths: ['/usr/bin/aide', '/usr/sbin/aide'],
  }),
];
