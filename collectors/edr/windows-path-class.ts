/**
 * Paths of Windows: the kind of place, and a keyed digest of the whole. Variables are compared as they
 * are written and as what they usually stand for; case and the direction of slashes do not matter.
 */
import type { PathClass, ProtectionExclusion } from '../../schemas/generated/types.ts';
import type { Digests } from '../collector.ts';

/** The order counts: the first pattern that matches names the class. Drive letters stand as `?:`. */
const classes: readonly (readonly [RegExp, PathClass])[] = [
  [/^(?:\?:|\\\\\?\\\?:)?\\*(?:\*(?:\.\*)?)?$/, 'whole-system'],
  [/^[*?.\\:]+$/, 'wildcard-only'],
  [/frontend\\httpproxy\\(?:owa|ecp)\\auth(?:\\|$)/, 'exchange-frontend-auth'],
  [/\\microsoft\.net\\framework(?:64)?\\[^\\]+\\temporary asp\.net files(?:\\|$)/, 'iis-temporary'],
  [/^\?:\\inetpub\\temp(?:\\|$)/, 'iis-temporary'],
  [/^\?:\\windows\\system32\\inetsrv(?:\\|$)/, 'iis-system'],
  [/^\?:\\inetpub(?:\\wwwroot)?(?:\\|$)|\\wwwroot(?:\\|$)|\\aspnet_client(?:\\|$)/, 'web-root'],
  [/\\exchange server\\v[0-9]+\\mailbox(?:\\|$)|\\mailbox database[^\\]*(?:\\|$)/, 'exchange-data'],
  [/\\exchange server\\v[0-9]+(?:\\|$)/, 'exchange-install'],
  [
    /^\?:\\windows\\temp(?:\\|$)|^\?:\\te?mp(?:\\|$)|\\appdata\\local(?:low)?\\temp(?:\\|$)|^%te?mp%|^\?:\\windows\\serviceprofiles\\[^\\]+\\appdata\\local\\temp/,
    'temporary-folder',
  ],
  // Everybody may lay files there (learn.microsoft.com, known folders ProgramData and Public).
  [
    /^\?:\\programdata(?:\\\*)?$|^\?:\\program files(?: \(x86\))?(?:\\\*)?$|^\?:\\users\\public(?:\\|$)/,
    'shared-folder',
  ],
  [/^\?:\\users\\?$|^\?:\\users\\\*\\?$/, 'home'],
  [/^\?:\\users\\|^%(?:userprofile|appdata|localappdata)%/, 'user-profile'],
  [/\\microsoft sql server\\|\.(?:mdf|ndf|ldf)$/, 'database-data'],
  [/^\?:\\windows\\(?:ntds|sysvol)(?:\\|$)/, 'database-data'],
  [/^\?:\\windows\\system32\\(?:logfiles|winevt)(?:\\|$)|^\?:\\inetpub\\logs(?:\\|$)/, 'log-folder'],
  [/\\affiant(?:\\|$)/, 'own-product'],
  [/^\?:\\windows(?:\\|$)/, 'system-folder'],
  [/^\?:\\program files(?: \(x86\))?(?:\\|$)/, 'program-folder'],
  [/^\?:\\programdata(?:\\|$)/, 'program-data'],
  [/^\?:\\[^\\]*backup[^\\]*(?:\\|$)/, 'backup'],
  [/^\?:\\[^\\]*(?:container|docker)[^\\]*(?:\\|$)/, 'container-storage'],
  [/^\\\\/, 'network-share'],
];

const variables: readonly (readonly [RegExp, string])[] = [
  [/^%(?:systemroot|windir)%/, '?:\\windows'],
  [/^%systemdrive%/, '?:'],
  [/^%programfiles(?:\(x86\))?%/, '?:\\program files'],
  [/^%programw6432%/, '?:\\program files'],
  [/^%(?:programdata|allusersprofile)%/, '?:\\programdata'],
  [/^%public%/, '?:\\users\\public'],
  [/^%exchangeinstallpath%\\?/, '?:\\program files\\microsoft\\exchange server\\v15\\'],
];

/** What kind of place a path of Windows is in. */
export function windowsPathClassOf(path: string): PathClass {
  let text = path.trim().toLowerCase().replaceAll('/', '\\');
  for (const [pattern, meant] of variables) text = text.replace(pattern, () => meant);
  text = text.replace(/^(?:\\\\\?\\)?[a-z]:/, '?:').replace(/(.)\\+$/, '$1');
  return classes.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';
}

type Given = Omit<ProtectionExclusion, 'keyedDigest' | 'pathClass' | 'name' | 'wildcard'>;

/**
 * Programs whose exclusion lets through whatever they are made to do; those that Microsoft names are among them
 * (learn.microsoft.com, "Common mistakes to avoid when defining exclusions").
 */
const wellKnownPrograms = new Set(
  'powershell.exe powershell_ise.exe pwsh.exe cmd.exe wscript.exe cscript.exe mshta.exe rundll32.exe regsvr32.exe msbuild.exe installutil.exe w3wp.exe svchost.exe explorer.exe python.exe pythonw.exe perl.exe ruby.exe php.exe php-cgi.exe node.exe java.exe javaw.exe curl.exe bitsadmin.exe certutil.exe msiexec.exe wmic.exe wmiprvse.exe bash.exe wsl.exe sqlservr.exe store.exe nginx.exe httpd.exe tomcat.exe psexec.exe acrord32.exe addinprocess.exe addinprocess32.exe addinutil.exe bginfo.exe cdb.exe csi.exe dbghost.exe dbgsvc.exe dnx.exe dotnet.exe excel.exe fsi.exe fsianycpu.exe iexplore.exe kd.exe lxssmanager.dll ntkd.exe ntsd.exe outlook.exe powerpnt.exe rcsi.exe schtasks.exe system.management.automation.dll windbg.exe winword.exe wuauclt.exe'.split(
    ' ',
  ),
);

/** An exclusion as a document holds it: what it is, where, and the keyed digest of its full value. */
export function windowsExclusionOf(value: string, given: Given, digests: Digests): ProtectionExclusion {
  const { kind } = given;
  const exclusion: ProtectionExclusion = {
    ...given,
    keyedDigest: digests.keyed(`edr exclusion\n${kind}\n${value.toLowerCase()}`),
  };
  const isPath = /^(?:[a-z]:|\\\\|%|[*?\\/])/i.test(value);
  if (kind === 'path' || (kind === 'process' && isPath)) exclusion.pathClass = windowsPathClassOf(value);
  if (/[*?]/.test(value)) exclusion.wildcard = true;
  const name = kind === 'extension' ? extensionOf(value) : kind === 'process' ? programOf(value) : undefined;
  if (name !== undefined) exclusion.name = name;
  return exclusion;
}

function extensionOf(value: string): string | undefined {
  const bare = value.replace(/^\*?\./, '').toLowerCase();
  return /^(?:[a-z0-9]{1,16}|ko\.gz)$/.test(bare) ? bare : undefined;
}

function programOf(value: string): string | undefined {
  const base = value.slice(Math.max(value.lastIndexOf('\\'), value.lastIndexOf('/')) + 1).toLowerCase();
  const name = base.includes('.') ? base : `${base}.exe`;
  return wellKnownPrograms.has(name) ? name : undefined;
}
