/** The parsers of what vendors' programs print on Windows; answers that are objects are spoilt as such (windows-mutated). */
import { parseUpdateStatus, parseVersion } from '../../../collectors/edr/products/windows/bitdefender.ts';
import { parseWindowsRuntime } from '../../../collectors/edr/products/windows/cortex.ts';
import { parseEsetStatus, parseEsetUpdate } from '../../../collectors/edr/products/windows/eset.ts';
import { parseSentinelStatus } from '../../../collectors/edr/products/windows/sentinelone.ts';
import { parseNxlog, parseSubscription } from '../../../collectors/edr/windows-logs/forwarding.ts';
import type { NamedParser } from '../mutations.ts';

export const parsers: readonly NamedParser[] = [
  { name: 'GetVersion', sample: '7.9.12.403\r\n', parse: parseVersion },
  {
    name: 'GetUpdateStatus',
    sample: 'lastSucceededTime: 1790000000\r\nlastAttemptedTime: 1790000000\r\nlastError: 0\r\n',
    parse: parseUpdateStatus,
  },
  {
    name: 'cytool runtime',
    sample: '  cyserver    PANW  Running\r\n  cyvrfsfd  Kernel  Loaded\r\n  tlaservice Stopped\r\n',
    parse: parseWindowsRuntime,
  },
  {
    name: 'eRmm protection-status',
    sample: '{"id":1,"result":{"description":"You are protected","status":0},"error":null}',
    parse: parseEsetStatus,
  },
  {
    name: 'eRmm update-status',
    sample:
      '{"id":1,"result":{"last_update_time":"2026-11-20 06-00-00","last_successful_update_time":"2026-11-20 06-00-00"},"error":null}',
    parse: parseEsetUpdate,
  },
  {
    name: 'sentinelctl status',
    sample:
      'Disable State: Not disabled by the user\r\nSentinelMonitor is loaded\r\nSelf-Protection status: On\r\nMonitor Build id: 24.1.2.7444\r\nSentinelAgent is loaded\r\nMitigation policy: quarantineThreat\r\n',
    parse: parseSentinelStatus,
  },
  {
    name: 'SubscriptionManager',
    sample: 'Server=https://wec.corp.example:5986/wsman/SubscriptionManager/WEC,Refresh=60,IssuerCA=ab',
    parse: parseSubscription,
  },
  {
    name: 'nxlog.conf',
    sample:
      '<Output out>\n  Module om_ssl\n  Host siem.example.org:6514\n</Output>\n<Output b>\n Module om_tcp\n Host 192.0.2.1\n Port 514\n</Output>\n',
    parse: (text) => parseNxlog(text, 'nxlog.conf'),
  },
];
