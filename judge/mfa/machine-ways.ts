/** Ways in beside SSH: consoles, display managers, web consoles, other login services, rescue mode. */
import type { Draft } from '../../collectors/collector.ts';
import type { Text, WebConsole } from '../../schemas/generated/types.ts';
import { type Administrator, pamAccount } from './account.ts';
import { type JudgePam, pamSuccesses } from './pam-judge.ts';
import { disabled, type Judged, type Success, undetermined, weigh } from './requirement.ts';
import { equalText, shownText } from './text.ts';

type Mfa = Draft<'mfa'>;
export type NamedJudged = { readonly way: string; readonly judged: Judged };

/** One PAM service, asked of the account itself. */
export function judgeService(
  service: string,
  person: Administrator,
  judgePam: JudgePam,
  origin: 'local' | 'remote',
): Judged {
  const verdict = judgePam({ service, account: pamAccount(person), origin });
  return weigh(
    pamSuccesses(verdict, service),
    `PAM service ${service} lets nobody through: ${verdict.reasons.join(', ') || 'no way succeeds'}`,
  );
}

/** `login` counts whether or not a console was found to wait: one needs only a keyboard, or the hypervisor's console. */
export function judgeConsole(mfa: Mfa, person: Administrator, judgePam: JudgePam): Judged {
  const consoles = mfa.consoles.status === 'observed' ? mfa.consoles.value : [];
  const open = consoles.find(
    ({ automaticLogin }) => automaticLogin !== undefined && equalText(automaticLogin, person.name),
  );
  if (open !== undefined)
    return weigh(
      [{ factors: [], steps: [`${shownText(open.name)} logs in as ${shownText(person.name)} without asking`] }],
      '',
    );
  return judgeService('login', person, judgePam, 'local');
}

/** Display managers, remote displays and services such as FTP servers, as far as they are there. */
export function judgeLoginServices(mfa: Mfa, person: Administrator, judgePam: JudgePam): NamedJudged[] {
  const found = new Map<string, Judged>();
  for (const { kind, service, enabled } of mfa.consoles.status === 'observed' ? mfa.consoles.value : []) {
    if (service === undefined || service === 'login') continue;
    const name = shownText(service);
    found.set(
      name,
      enabled === false
        ? disabled(`${name} is switched off`)
        : judgeService(name, person, judgePam, kind === 'remote-display' ? 'remote' : 'local'),
    );
  }
  for (const { service, running, enabledAtBoot } of mfa.loginServices.status === 'observed'
    ? mfa.loginServices.value
    : []) {
    const name = shownText(service);
    const off = running === false && enabledAtBoot === false;
    found.set(name, off ? disabled(`${name} does not run`) : judgeService(name, person, judgePam, 'remote'));
  }
  const ways = [...found].map(([way, judged]) => ({ way, judged }));
  if (mfa.loginServices.status === 'observed' || mfa.loginServices.status === 'not-applicable') return ways;
  return [
    ...ways,
    {
      way: 'other services',
      judged: undetermined(`which services log people in could not be seen: ${mfa.loginServices.reason}`),
    },
  ];
}

export function judgeWebConsoles(mfa: Mfa, person: Administrator, judgePam: JudgePam): NamedJudged[] {
  const { webConsoles } = mfa;
  if (webConsoles.status === 'absent' || webConsoles.status === 'not-applicable') return [];
  if (webConsoles.status !== 'observed')
    return [{ way: 'web console', judged: undetermined(`web consoles could not be seen: ${webConsoles.reason}`) }];
  return webConsoles.value.map((console_) => ({
    way: console_.kind,
    judged: judgeWebConsole(console_, person, judgePam),
  }));
}

function judgeWebConsole(web: WebConsole, person: Administrator, judgePam: JudgePam): Judged {
  const { kind, running, enabledAtBoot } = web;
  if (running.status === 'observed' && !running.value && enabledAtBoot.status === 'observed' && !enabledAtBoot.value)
    return disabled(`${kind} does not run, and is not told to start`);
  if (kind === 'cockpit') return judgeCockpit(web, person, judgePam);
  if (kind === 'webmin') return judgeWebmin(web, person.name);
  if (kind === 'proxmox' && web.secondFactors.status === 'absent')
    return weigh([{ factors: ['knowledge'], steps: ['Proxmox holds no second factors: a password is enough'] }], '');
  return undetermined(`${kind}: for whom it asks for a second factor was not read`);
}

/** Cockpit asks PAM, and takes client certificates and Kerberos beside it where it is told to (cockpit.conf(5)). */
function judgeCockpit({ settings }: WebConsole, person: Administrator, judgePam: JudgePam): Judged {
  const verdict = judgePam({ service: 'cockpit', account: pamAccount(person), origin: 'remote' });
  const successes = pamSuccesses(verdict, 'cockpit');
  const extra: Success[] = [];
  if (settings.status === 'observed') {
    const certificates = Object.entries(settings.value).some(
      ([name, value]) => /\.clientcertauthentication$/i.test(name) && /^(?:yes|true|1)$/i.test(value),
    );
    if (certificates)
      extra.push({
        factors: ['possession'],
        steps: ['cockpit: a client certificate'],
        unknown: 'whether the certificate lies on a card with a PIN is not seen',
      });
  } else if (settings.status !== 'absent')
    extra.push({
      factors: [],
      steps: ['cockpit'],
      unknown: `the settings of cockpit could not be seen: ${settings.reason}`,
    });
  return weigh([...successes, ...extra], 'PAM service cockpit lets nobody through');
}

function judgeWebmin({ secondFactors, settings }: WebConsole, name: Text): Judged {
  if (secondFactors.status !== 'observed')
    return undetermined(`webmin: its accounts could not be seen: ${secondFactors.reason}`);
  const own = secondFactors.value.find(({ account }) => equalText(account, name));
  if (own === undefined) {
    const mapped =
      settings.status !== 'observed' || Object.keys(settings.value).some((key) => key.endsWith('.unixauth'));
    return mapped
      ? undetermined('webmin: whether it takes accounts of the system was not seen')
      : disabled('webmin does not know the account');
  }
  const factors = own.enrolled ? (['knowledge', 'possession'] as const) : (['knowledge'] as const);
  return weigh(
    [
      {
        factors,
        steps: [
          own.enrolled
            ? 'webmin asks for the password and the second factor'
            : 'webmin holds no second factor for the account: a password is enough',
        ],
      },
    ],
    '',
  );
}

/** Rescue mode and the boot loader open root's shell to whoever sits at the console, a hypervisor's too. */
export function judgeRescue({ rescue }: Mfa, person: Administrator): Judged {
  if (person.uid !== 0) return disabled("rescue mode opens root's shell alone");
  if (rescue.status !== 'observed') return undetermined(`rescue mode could not be looked at: ${rescue.reason}`);
  const { bootLoader, bootLoaderPassword, passwordForced } = rescue.value;
  const successes: Success[] = [];
  if (bootLoaderPassword === false)
    successes.push({
      factors: [],
      steps: [
        `${bootLoader ?? 'the boot loader'} lets anybody at the console change how the system starts (init=/bin/sh)`,
      ],
    });
  if (passwordForced === false) successes.push({ factors: [], steps: ['the rescue shell asks for no password'] });
  else if (person.password === 'set')
    successes.push({ factors: ['knowledge'], steps: ["the rescue shell asks for root's password alone"] });
  else if (person.password === 'empty') successes.push({ factors: [], steps: ["root's password is empty"] });
  else if (person.password === undefined)
    successes.push({
      factors: ['knowledge'],
      steps: ['the rescue shell'],
      unknown: 'whether root has a password was not seen',
    });
  if (bootLoaderPassword === undefined)
    successes.push({
      factors: [],
      steps: ['the boot loader'],
      unknown: 'whether the boot loader asks for a password was not seen',
    });
  if (passwordForced === undefined && person.password === 'locked')
    successes.push({
      factors: [],
      steps: ['the rescue shell'],
      unknown: 'whether the rescue shell opens without a password was not seen',
    });
  return weigh(successes, 'the boot loader is guarded, and root has no password for the rescue shell');
}
