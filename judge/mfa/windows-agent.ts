/** Products that ask for a second factor at the logon screen; the settings of Duo are known (guide.duo.com/rdp). */
import type { LogonAgent } from '../../schemas/generated/types.ts';
import type { Success } from './requirement.ts';

export function agentSuccesses({ product, settings }: LogonAgent, way: 'console' | 'rdp'): Success[] {
  const passwordOnly = (rest: Partial<Success>): Success => ({
    factors: ['knowledge'],
    steps: [`${product}: a password`],
    ...rest,
  });
  if (product !== 'duo') return [passwordOnly({ unknown: `how ${product} asks is not worked out` })];
  if (settings.status !== 'observed')
    return [passwordOnly({ unknown: `the settings of ${product} could not be seen: ${settings.reason}` })];
  // The policy key wins over the product's own.
  const value = (name: string): string | undefined =>
    (
      settings.value.find((each) => each.from === 'policy' && sameName(each.name, name)) ??
      settings.value.find((each) => sameName(each.name, name))
    )?.value;
  const isOn = (name: string): boolean => value(name) === '1';
  if (way === 'console' && isOn('RdpOnly'))
    return [
      passwordOnly({ steps: ['Duo asks over Remote Desktop alone (RdpOnly 1): a password is enough at the console'] }),
    ];
  const successes: Success[] = [{ factors: ['knowledge', 'possession'], steps: ['a password, then Duo'] }];
  // Fail-open is what the installer proposes: without the value it is not known to be closed.
  if (value('FailOpen') === undefined)
    successes.push(passwordOnly({ unknown: 'whether Duo fails open (FailOpen) was not seen' }));
  else if (value('FailOpen') !== '0')
    successes.push(
      passwordOnly({ bypass: 'Duo lets a password through when its service is out of reach (FailOpen 1)' }),
    );
  const allowed = value('ProvidersWhitelist');
  if (allowed !== undefined && allowed.trim() !== '')
    successes.push(
      passwordOnly({ bypass: 'other credential providers are let through beside Duo (ProvidersWhitelist)' }),
    );
  return successes;
}

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
