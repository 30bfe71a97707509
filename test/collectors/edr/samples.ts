/** Outputs in the formats of the products, written for these tests, and the command whose answer each is. */
import type { CommandId } from '../../../agent/host/commands.ts';
import { products } from '../../../collectors/edr/products/list.ts';
import type { FakeMachine } from '../fake-host.ts';
import { mdatpCommands, server } from './machine.ts';

export const samples: Readonly<Partial<Record<CommandId, string>>> = {
  ...mdatpCommands,
  'mdatp-health':
    'healthy                                     : true\nhealth_issues                               : []\nlicensed                                    : true\napp_version                                 : "101.25082.0003"\norg_id                                      : "0b5c7a6e-1f0d-4b52-9f57-3a6d1d1f3c11"\npassive_mode_enabled                        : false[managed]\nreal_time_protection_enabled                : true [managed]\nreal_time_protection_available              : unavailable\ndefinitions_updated                         : Nov 23, 2026 at 06:00:00 AM\ndefinitions_version                         : "1.440.120.0"\nconflicting_applications                    : ["clamd"]\n',
  'mdatp-exclusions':
    '=====================================\nExcluded folder\nPath: "/var/lib/mysql/"\nScope: "global"\n---\nExcluded process\nProcess name: "/usr/bin/python3"\n---\nExcluded extension\nExtension: ".log"\n---\nExcluded file\nPath: "/home/jane.doe/letters.doc"\n=====================================\n',
  'mdatp-threats':
    '{"$type":"threatList","threats":[{"id":"7d9d0a","name":"Backdoor:PHP/Webshell.A","type":"virus","status":"quarantined","detectionTime":"1795410000000","path":"/var/www/html/up.php"},{"id":"7d9d0b","name":"EICAR-Test-File","status":{"$type":"allowed"},"detectionTime":"1795000000000","resources":[{"path":"/home/jane.doe/e.com"}]}]}',
  'falconctl-options':
    'cid="0123456789abcdef0123456789abcdef", aid="fedcba9876543210fedcba9876543210", version = 7.20.17306.0rfm-state=false, rfm-reason=None, code=0x0, tags=web/prod,\n',
  'falconctl-backend': 'backend=bpf.\n',
  'sentinelctl-version': 'Agent version: 24.2.2.20\nSentinelCTL version: 24.2.2.20\n',
  'sentinelctl-engines':
    'DFI engine                          Enabled\nDFI library version                 30.5.6.5\nDynamic engine                      Disabled\n',
  'sentinelctl-control': 'Agent state      Enabled\n\nProcess Name     PID\nagent            901\n',
  'sentinelctl-management':
    'Anti Tamper                      On\nConnectivity                     On\nCustomer id                      undefined\nSite-Key                         0a1b2c3d4e5f60718293a4b5\nURL                              https://usea1.example.net\nUUID                             11112222-3333-4444-5555-666677778888\n',
  savdstatus: 'Sophos Anti-Virus is active and on-access scanning is running\n',
  'savdstatus-version':
    'Sophos Anti-Virus          = 9.17.1\nThreat detection engine    = 3.83.1\nThreat data                = 5.90\nThreat data release        = Tue 10 November 2026 00:00:00\n',
  'dsa-query-status': 'AgentStatus.agentState: green\nAgentStatus.dsmUrl: https://dsm.example.org:4120/\n',
  'dsa-query-components':
    'Component.AM.cap.realtime: true\nComponent.AM.driverOffline: false\nComponent.AM.engineOffline: false\nComponent.AM.licenseExpiry: 1830000000\nComponent.AM.mode: on\nComponent.AM.scan.Realtime: 9\nComponent.AM.version.pattern.VSAPI: 19.500.00\nComponent.CORE.version: 20.0.1\n',
  'eset-modules':
    'EM000\t  1088 (20260708)\tUpdate module\nEM001\t  1629 (20260805)\tAntivirus and antispyware scanner module\nEM002\t 33832 (20261122)\tDetection engine\n',
  'eset-licence':
    'Product name: ESET Server Security for Linux\nStatus: Activated\nPublic ID: 3AB-CDE-FGH\nLicense Validity: 2027-06-21\n',
  'bduitool-status':
    'Product version: 7.2.1.2300\nEngines version: 7.99001\nLast security content update: 2026-11-23 at 09:44:37 GMT+2\nFeatures:\n  - Antimalware status: On\n',
  'mfetpcli-version':
    'Trellix Endpoint Security for Linux Threat Prevention\nVersion : 10.7.18.100\nLicense : Full\nDAT Version : 5670.0\nDAT Date : 2026-11-22\nEngine Version : 6700.10107\n',
  'mfetpcli-on-access': 'On-Access Scan: Enabled and Compliant\nMaximum scan time: 45\nGTI: On\n',
  'mfetpcli-access-protection': 'Access Protection: Enabled\n',
  'repcli-status': 'General Info:\n  Sensor Version: 2.15.2.1\n  Sensor State: Bypass\n  Registered: Yes\n',
  'cytool-runtime':
    '   Name       PID           User                Status               Command\n    pmd      1092           root               Running               /opt/traps/bin/pmd\n   clad      1716       cortexu+               Stopped               /opt/traps/analyzerd/clad\n',
  'cytool-info': 'Cortex XDR (R) supervisor tool 8.4.0.12345\n(c) Palo Alto Networks, Inc. All rights reserved\n',
  'cytool-info-query': 'Content Type: 1500\nContent Build: 12345\nContent Version: 1500-12345\n',
  'kesl-app-info':
    '{"Name":"Kaspersky Endpoint Security 12 for Linux","Version":"12.1.0.1297","Key status":"Valid","License expiration date":"2027-07-09","Last release date of databases":"2026-11-23 04:11:00","Anti-virus databases loaded":"Yes","KSN state":"Extended mode","File Threat Protection":"Available and running","Behavior Detection":"Available and stopped"}',
  'elastic-agent-status':
    '{"info":{"id":"a","version":"9.1.0"},"state":2,"message":"Running","components":[{"id":"endpoint-default","name":"endpoint","state":2,"message":"Healthy"},{"id":"log-default","name":"log","state":2}],"fleet_state":2}',
  'wazuh-status': 'wazuh-modulesd is running...\nwazuh-agentd is running...\nwazuh-execd not running...\n',
  'wazuh-info': 'WAZUH_VERSION="v4.9.2"\nWAZUH_REVISION="40921"\nWAZUH_TYPE="agent"\n',
  'clamdscan-version': 'ClamAV 1.4.3/28200/Mon Nov 23 05:00:00 2026\n',
  'ampcli-status':
    'Status:         Connected\nMode:           Normal\nScan:           Ready for scan\nLast Scan:      2026-11-20 03:00 AM\nPolicy:         Servers - Protect (#10755)\nCommand-line:   Enabled\nFaults:         None\n',
  'ampcli-about': 'Cisco Secure Endpoint Connector v1.25.0.1009\n',
  'auditctl-status':
    'enabled 2\nfailure 1\npid 801\nrate_limit 0\nbacklog_limit 8192\nlost 4\nbacklog 0\nloginuid_immutable 1 locked\n',
  'auditctl-list':
    '-w /etc/sudoers -p wa -k sudoers\n-a always,exit -F arch=b64 -S execve,execveat -F key=exec\n-a never,exclude -F msgtype=CWD\n',
  'journalctl-boots':
    'IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY\n -1 4ea9f2c1d0b34c5f8a7e6d5c4b3a2910 Sat 2026-11-21 06:00:01 UTC Sun 2026-11-22 05:59:59 UTC\n',
};

/** A server on which every product of the list was installed: no such server is, and each parser is asked. */
export function everything(): FakeMachine {
  const units = Object.fromEntries(
    products.flatMap(({ traces }) => [...traces.units, ...(traces.helperUnits ?? [])]).map((name) => [name, {}]),
  );
  const stats = Object.fromEntries(products.flatMap(({ traces }) => traces.paths).map((path) => [path, {}]));
  return server({
    units,
    stats,
    commands: samples,
    files: {
      '/proc/sisap/status': 'mode=DIS\n',
      '/var/ossec/var/run/wazuh-agentd.state': "status='pending'\nlast_ack=''\n",
    },
  });
}
