/** Vendors' own programs that are run on Windows to see threat detection; part of the one list in commands.ts. */
import type { CommandSpec } from './commands.ts';

const console = String.raw`C:\Program Files\Bitdefender\Endpoint Security\product.console.exe`;
const eset = [
  String.raw`C:\Program Files\ESET\ESET Security\eRmm.exe`,
  String.raw`C:\Program Files\ESET\ESET Server Security\eRmm.exe`,
];
const cytool = [String.raw`C:\Program Files\Palo Alto Networks\Traps\cytool.exe`];
const dsa = [String.raw`C:\Program Files\Trend Micro\Deep Security Agent\dsa_query.cmd`];

export const windowsEdrCommands = {
  'sentinelctl-windows-status': {
    // The folder bears the version; the newest is run.
    programs: [String.raw`C:\Program Files\SentinelOne\Sentinel Agent *\SentinelCtl.exe`],
    args: ['status'],
    privilege: 'root',
    reason: 'state of the SentinelOne agent on Windows',
    timeoutMs: 30_000,
  },
  'dsa-query-windows-status': {
    programs: dsa,
    args: ['-c', 'GetAgentStatus'],
    privilege: 'root',
    reason: 'state of the Deep Security agent on Windows',
    volatile: true,
    timeoutMs: 30_000,
  },
  'dsa-query-windows-components': {
    programs: dsa,
    args: ['-c', 'GetComponentInfo'],
    privilege: 'root',
    reason: 'which parts of Deep Security are on',
    volatile: true,
    timeoutMs: 30_000,
  },
  'eset-rmm-status': {
    programs: eset,
    args: ['get', 'protection-status'],
    privilege: 'root',
    reason: 'what ESET says of its protection, where its policy lets it answer',
    timeoutMs: 20_000,
  },
  'eset-rmm-update': {
    programs: eset,
    args: ['get', 'update-status'],
    privilege: 'root',
    reason: 'how the last updates of ESET went',
    timeoutMs: 20_000,
  },
  'bitdefender-version-product': {
    programs: [console],
    args: ['/c', 'GetVersion', 'product'],
    privilege: 'root',
    reason: 'version of Bitdefender',
    timeoutMs: 20_000,
  },
  'bitdefender-version-antivirus': {
    programs: [console],
    args: ['/c', 'GetVersion', 'antivirus'],
    privilege: 'root',
    reason: 'version of its signatures',
    timeoutMs: 20_000,
  },
  'bitdefender-update-antivirus': {
    programs: [console],
    args: ['/c', 'GetUpdateStatus', 'antivirus'],
    privilege: 'root',
    reason: 'when its signatures were last brought up to date',
    timeoutMs: 20_000,
  },
  'repcli-windows-status': {
    programs: [String.raw`C:\Program Files\Confer\RepCLI.exe`],
    args: ['status'],
    privilege: 'root',
    reason: 'state of the Carbon Black Cloud sensor on Windows',
    volatile: true,
    timeoutMs: 30_000,
  },
  'cytool-windows-runtime': {
    programs: cytool,
    args: ['runtime', 'query'],
    privilege: 'root',
    reason: 'which services and drivers of Cortex XDR run',
    timeoutMs: 30_000,
  },
  'cytool-windows-info': {
    programs: cytool,
    args: ['info', 'query'],
    privilege: 'root',
    reason: 'the version of its content',
    timeoutMs: 30_000,
  },
  'elastic-agent-windows-status': {
    programs: [String.raw`C:\Program Files\Elastic\Agent\elastic-agent.exe`],
    args: ['status', '--output', 'json'],
    privilege: 'root',
    reason: 'state of Elastic Agent and of Elastic Defend under it',
    volatile: true,
    timeoutMs: 30_000,
  },
} as const satisfies Record<string, CommandSpec>;
