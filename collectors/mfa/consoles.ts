/** Where one logs in at the machine, and services beside sshd that log users in: by systemd's units. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, LoginConsole, LoginService } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import type { Unit } from './units.ts';

/** Display managers and their PAM services. */
const displays: Readonly<Record<string, string>> = {
  'gdm.service': 'gdm-password',
  'gdm3.service': 'gdm-password',
  'lightdm.service': 'lightdm',
  'sddm.service': 'sddm',
};
const services: Readonly<Record<string, string>> = {
  'vsftpd.service': 'vsftpd',
  'proftpd.service': 'proftpd',
  'dovecot.service': 'dovecot',
  'xrdp-sesman.service': 'xrdp-sesman',
};
const terminalTemplates = ['/usr/lib/systemd/system/getty@.service', '/lib/systemd/system/getty@.service'];

export async function readConsoles(host: Host, units: Fact<Unit[]>): Promise<Fact<LoginConsole[]>> {
  if (units.status !== 'observed') return units;
  const securetty = await host.readFile('/etc/securetty');
  const sources = [...units.sources, securetty.source];
  if (securetty.status === 'observed' && securetty.value.truncated) return unseen('failed', 'truncated', sources);
  if (securetty.status !== 'observed' && securetty.status !== 'absent' && securetty.reason !== 'not-recorded')
    return missed(securetty);
  const allowed =
    securetty.status === 'observed' ? new Set(securetty.value.text.split('\n').map((line) => line.trim())) : undefined;
  const consoles = units.value.flatMap((unit) => consoleOf(unit, allowed));
  if (!consoles.some(({ kind }) => kind === 'terminal'))
    for (const path of terminalTemplates) {
      const stat = await host.stat(path);
      sources.push(stat.source);
      // logind starts a login on a terminal when somebody switches to it.
      if (stat.status === 'absent') continue;
      if (stat.status !== 'observed') return missed(stat);
      consoles.push({ kind: 'terminal', name: 'autovt@', service: 'login' });
      break;
    }
  return observed(consoles, ...sources);
}

function consoleOf({ id, active, enabled, starts }: Unit, allowed: ReadonlySet<string> | undefined): LoginConsole[] {
  const display = displays[id];
  if (display !== undefined)
    return [{ kind: 'display-manager', name: toText(id), service: display, enabled: active || enabled }];
  if (id === 'xrdp.service')
    return [{ kind: 'remote-display', name: toText(id), service: 'xrdp-sesman', enabled: active || enabled }];
  const match =
    /^(getty|serial-getty|container-getty)@(.+)\.service$/.exec(id) ?? /^(console-getty)()\.service$/.exec(id);
  if (match === null) return [];
  const device = match[2] === '' || match[2] === undefined ? 'console' : match[2].replaceAll('-', '/');
  const automatic = starts
    .map((line) => /\s(?:--autologin|-a)[ =](\S+)/.exec(line)?.[1])
    .find((name) => name !== undefined);
  return [
    {
      kind: match[1] === 'serial-getty' ? 'serial' : 'terminal',
      name: toText(device),
      service: 'login',
      enabled: active || enabled,
      ...(automatic === undefined ? {} : { automaticLogin: toText(automatic) }),
      ...(allowed === undefined ? {} : { rootAllowed: allowed.has(device) }),
    },
  ];
}

export function loginServices(units: Fact<Unit[]>): Fact<LoginService[]> {
  if (units.status !== 'observed') return units;
  const found = units.value.flatMap(({ id, active, enabled }) => {
    const service = services[id];
    return service === undefined ? [] : [{ service, unit: id, running: active, enabledAtBoot: enabled }];
  });
  return observed(found, ...units.sources);
}
